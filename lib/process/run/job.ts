import { abortError } from '../../base/errors.js';
import type { TerminatedMember } from '../ending/member.js';
import { startRequest } from '../spawn/spawn.js';
import type { SpawnedProcess, SpawnResult } from '../spawn/spawned-process.js';
import { toStandardIo } from '../spawn/stdio.js';
import type { Stdio } from '../spawn/stdio-types.js';
import { endScope } from './end-scope.js';
import { feed } from './input.js';
import { type From, Kept } from './kept.js';
import { leftRunning } from './left.js';
import { Output } from './output.js';
import { type EndReason, type RunResult, usageOf } from './result.js';
import type { Settings } from './settings.js';
import { type OpenPlaces, openPlaces } from './sinks.js';
import { attend, takeTerminal } from './terminal.js';
import { after } from './timer.js';

type Outputs = { readonly [Name in From]: Output | undefined };

const names = ['options.stdin', 'options.stdout', 'options.stderr'];

/** What was started for a run. */
interface Started {
  readonly child: SpawnedProcess<Stdio>;
  readonly places: Readonly<Record<From, OpenPlaces>>;
}

function start(settings: Settings): Started {
  const { request, stdin } = settings;
  const stdout = openPlaces(settings.stdout, 'stdout');
  let stderr: OpenPlaces | undefined;
  try {
    stderr = openPlaces(settings.stderr, 'stderr');
    const io = toStandardIo([stdin, stdout.entry, stderr.entry], names);
    return { child: startRequest<Stdio>({ ...request, ...io }), places: { stdout, stderr } };
  } catch (error) {
    if (settings.hasTerminal) takeTerminal();
    for (const writer of [...stdout.writers, ...(stderr?.writers ?? [])]) writer.discard();
    throw error;
  } finally {
    stdout.close();
    stderr?.close();
  }
}

/** A command that runs. */
export class Job {
  readonly child: SpawnedProcess<Stdio>;
  readonly kept: Kept;
  readonly outputs: Outputs;
  /** Of which the result has something. */
  readonly keeps: Readonly<Record<From, boolean>>;
  /** Never rejects but with what `child.exited` does. */
  readonly result: Promise<RunResult<string | Uint8Array>>;
  readonly #settings: Settings;
  readonly #startedAt = performance.now();
  readonly #release: readonly (() => void)[];
  #reason: EndReason | null = null;
  #cause: unknown = undefined;
  #ending: Promise<readonly TerminatedMember[]> | undefined;

  /** @throws what spawn() throws, and what opening a file does */
  constructor(settings: Settings) {
    const { signal, timeoutMs, input } = settings;
    if (signal?.aborted === true) throw abortError(signal.reason);
    this.#settings = settings;
    this.kept = new Kept(settings);
    const { child, places } = start(settings);
    this.child = child;
    this.outputs = { stdout: this.#output('stdout', places), stderr: this.#output('stderr', places) };
    if (settings.hasTerminal) attend(child).catch(() => {});
    this.keeps = { stdout: places.stdout.keeps, stderr: places.stderr.keeps };
    if (input !== undefined && child.stdin !== null) feed(input, child.stdin, (error) => this.end('input', error));
    else child.stdin?.on('error', () => {});
    const onAbort = (): void => this.end('aborted', signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#release = [after(timeoutMs, () => this.end('timeout')), () => signal?.removeEventListener('abort', onAbort)];
    this.result = this.#whenOver();
  }

  /** Ends it, and who else is in its scope. The first reason is the one that counts. */
  end(reason: EndReason, cause?: unknown): void {
    if (this.#ending !== undefined) return;
    this.#reason = reason;
    this.#cause = cause;
    this.#ending = endScope(this.child, this.#settings.scope, this.#settings.wish);
  }

  #output(from: From, places: Readonly<Record<From, OpenPlaces>>): Output | undefined {
    const stream = this.child[from];
    if (stream === null) return undefined;
    return new Output({
      from,
      stream,
      kept: places[from].keeps ? this.kept : undefined,
      writers: places[from].writers,
      onOverflow: () => {
        if (this.#settings.endsAtMaxBuffer) this.end('maxBuffer');
      },
      onError: (error) => this.end('output', error),
    });
  }

  async #whenOver(): Promise<RunResult<string | Uint8Array>> {
    try {
      const result = await this.child.exited;
      await this.#untilOutputIsOver();
      const left = this.#ending === undefined ? leftRunning(this.child) : await this.#ending;
      return this.#resultOf(result, left);
    } finally {
      for (const release of this.#release) release();
    }
  }

  async #untilOutputIsOver(): Promise<void> {
    const { stdout, stderr } = this.outputs;
    const open = [stdout, stderr].filter((output) => output !== undefined);
    const give = (): void => {
      for (const output of open) if (!output.isOver && !output.isBehind) output.abandon();
      if (open.some(({ isOver }) => !isOver)) cancel = after(this.#settings.lateOutputMs, give);
    };
    let cancel = open.every(({ isOver }) => isOver) ? () => {} : after(this.#settings.lateOutputMs, give);
    for (const { over } of open) await over;
    cancel();
  }

  #resultOf(
    { exitCode, termSignal, ...result }: SpawnResult,
    left: readonly TerminatedMember[],
  ): RunResult<string | Uint8Array> {
    const { kept, outputs } = this;
    const by = (of: (output: Output) => boolean): { readonly stdout: boolean; readonly stderr: boolean } => ({
      stdout: outputs.stdout !== undefined && of(outputs.stdout),
      stderr: outputs.stderr !== undefined && of(outputs.stderr),
    });
    return {
      command: this.#settings.command,
      pid: this.child.pid,
      exitCode,
      termSignal,
      ok: exitCode === 0 && this.#reason === null,
      timedOut: this.#reason === 'timeout',
      aborted: this.#reason === 'aborted',
      truncated: by(({ truncated }) => truncated),
      heldOpen: by(({ heldOpen }) => heldOpen),
      stdout: kept.of('stdout'),
      stderr: kept.of('stderr'),
      all: kept.all,
      durationMs: performance.now() - this.#startedAt,
      rusage: usageOf({ exitCode, termSignal, ...result }),
      left,
      reason: this.#reason,
      cause: this.#cause,
      containment: null,
    };
  }
}
