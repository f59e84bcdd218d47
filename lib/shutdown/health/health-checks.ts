import { util } from '../../base/builtins.js';
import { isError } from '../../base/errors.js';

const maxTimerMs = 2 ** 31 - 1;

/** What became of a check. */
export interface CheckResult {
  readonly ok: boolean;
  readonly durationMs: number;
  /** Why it failed: the message of what it threw. */
  readonly error?: string;
}

/** Something that is asked how it is. */
class Check {
  readonly #probe: () => unknown;
  readonly #timeoutMs: number;
  #pending: Promise<CheckResult> | undefined;

  constructor(probe: () => unknown, timeoutMs: number) {
    this.#probe = probe;
    this.#timeoutMs = timeoutMs;
  }

  async result(): Promise<CheckResult> {
    // One that hangs is not asked again: with each probe another would hang.
    this.#pending ??= this.#ask().finally(() => (this.#pending = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<CheckResult>((resolve) => {
      const error = `no answer within ${this.#timeoutMs} ms`;
      timer = setTimeout(
        () => resolve({ ok: false, durationMs: this.#timeoutMs, error }),
        Math.min(this.#timeoutMs, maxTimerMs),
      );
    });
    try {
      return await Promise.race([this.#pending, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(): Promise<CheckResult> {
    const begunAt = performance.now();
    const failure = await this.#failure();
    const durationMs = performance.now() - begunAt;
    return failure === null ? { ok: true, durationMs } : { ok: false, durationMs, error: failure };
  }

  async #failure(): Promise<string | null> {
    try {
      return (await this.#probe()) === false ? 'false' : null;
    } catch (error) {
      return isError(error) ? String(error.message) : util.inspect(error);
    }
  }
}

/** All that a service needs, asked side by side. */
export class Checks {
  readonly #checks: readonly (readonly [string, Check])[];

  constructor(probes: Readonly<Record<string, () => unknown>>, timeoutMs: number) {
    this.#checks = Object.entries(probes).map(([name, probe]) => [name, new Check(probe, timeoutMs)] as const);
  }

  async run(): Promise<Record<string, CheckResult>> {
    const results = this.#checks.map(async ([name, check]) => [name, await check.result()] as const);
    return Object.fromEntries(await Promise.all(results));
  }
}
