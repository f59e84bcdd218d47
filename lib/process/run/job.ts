import type { Socket } from 'node:net';

import { after } from '../../base/after.js';
import { abortError } from '../../base/errors.js';
import type { Signal } from '../../signals/names.js';
import type { JobUsage } from '../contain/cgroup.js';
import { places as inNumbers } from '../contain/launch.js';
import type { TerminatedMember } from '../ending/member.js';
import { startRequest } from '../spawn/spawn.js';
import type { SpawnRequest } from '../spawn/spawn-request.js';
import type { SpawnedProcess, SpawnResult } from '../spawn/spawned-process.js';
import { toStandardIo } from '../spawn/stdio.js';
import type { Stdio } from '../spawn/stdio-types.js';
import { endScope } from './end-scope.js';
import { feed } from './input.js';
import { Kept } from './kept.js';
import type { From } from './options.js';
import { leftInJob, leftRunning } from './left.js';
import { onAbort } from './on-abort.js';
import { Output, whenOver } from './output.js';
import { type EndReason, type RunResult, usageOf } from './result.js';
import type { OpenOutput, Running } from './running.js';
import { type Settings, stdioNames } from './settings.js';
import { type OpenPlaces, openPlaces } from './sinks.js';
import { attend, takeTerminal } from './terminal.js';

const longestHurryMs = 1000;

type Places = Readonly<Record<From, OpenPlaces>>;

/** Its part in a pipeline. */
export interface Part {
  /** Where the one before it writes. */
  readonly stdin: Socket | null;
  /** Another one reads its stdout. */
  readonly isJoined: boolean;
  /** Undefined of the first, which leads. */
  readonly group: number | undefined;
  /** What all of them have written. */
  readonly kept: Kept;
  end(reason: EndReason, cause?: unknown): void;
}

function requestOf(request: SpawnRequest, group: number | undefined): SpawnRequest {
  return group === undefined
    ? request
    : { ...request, numbers: request.numbers.with(inNumbers.group, group), leadsGroup: false };
}

function start(settings: Settings, part: Part | undefined): { child: SpawnedProcess<Stdio>; places: Places } {
  const stdout = openPlaces(settings.stdout, 'stdout');
  let stderr: OpenPlaces | undefined;
  try {
    stderr = openPlaces(settings.stderr, 'stderr');
    const io = toStandardIo([part?.stdin ?? settings.stdin, stdout.entry, stderr.entry], stdioNames);
    const child = startRequest<Stdio>({ ...requestOf(settings.request, part?.group), ...io });
    return { child, places: { stdout, stderr } };
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
export class Job implements Running {
  readonly child: SpawnedProcess<Stdio>;
  readonly outputs: readonly OpenOutput[];
  readonly kept: Kept;
  readonly result: Promise<RunResult<string | Buffer>>;
  readonly #settings: Settings;
  readonly #part: Part | undefined;
  readonly #startedAt = performance.now();
  readonly #terminal: Promise<void> | undefined;
  #reason: EndReason | null = null;
  #cause: unknown = undefined;
  #left: Promise<readonly TerminatedMember[]> | undefined;
  #isOver = false;
  #stopWaiting: () => void = () => {};

  /** @throws what spawn() throws, and what opening a file does */
  constructor(settings: Settings, part?: Part) {
    const { signal, input } = settings;
    if (signal?.aborted === true) throw abortError(signal.reason);
    this.#settings = settings;
    this.#part = part;
    this.kept = new Kept(settings, part?.kept);
    const { child, places } = start(settings, part);
    this.child = child;
    this.#terminal = settings.hasTerminal && part === undefined ? attend([child]) : undefined;
    this.outputs = (part?.isJoined === true ? ['stderr' as const] : ['stdout' as const, 'stderr' as const]).flatMap(
      (from) => this.#open(from, places[from]),
    );
    child.stdin?.on('error', () => {});
    if (input !== undefined && child.stdin !== null) feed(input, child.stdin, (error) => this.#fail('input', error));
    this.result = this.#whenOver();
  }

  get pid(): number {
    return this.child.pid;
  }

  get stdin(): Socket | null {
    return this.child.stdin;
  }

  kill(sig: Signal): boolean {
    return this.child.kill(sig);
  }

  end(reason: EndReason, cause?: unknown): void {
    if (this.#left !== undefined) return;
    this.endBy(endScope(this.child, this.#settings.scope, this.#settings.wish), reason, cause);
  }

  /** It is being ended, and `left` are those that were there besides. */
  endBy(left: Promise<readonly TerminatedMember[]>, reason: EndReason, cause: unknown): void {
    this.#reason = reason;
    this.#cause = cause;
    this.#left = left;
    const isUnwanted = reason === 'aborted' || reason === 'disposed';
    if (reason === 'disposed') for (const { output } of this.outputs) output.dropReader();
    const hurry = (): void => {
      if (!this.#isOver) this.#stopWaiting = this.#hurry(isUnwanted);
    };
    void Promise.allSettled([left, this.child.exited]).then(hurry);
  }

  // Nobody is left in its scope: who else holds a pipe is not waited for, however long `lateOutputMs` is.
  #hurry(isUnwanted: boolean): () => void {
    return after(Math.min(this.#settings.lateOutputMs, longestHurryMs), () => {
      for (const { output } of this.outputs) if (isUnwanted || !output.isBehind) output.abandon();
    });
  }

  #fail(reason: EndReason, cause?: unknown): void {
    (this.#part ?? this).end(reason, cause);
  }

  #open(from: From, { keeps, writers }: OpenPlaces): OpenOutput[] {
    const stream = this.child[from];
    if (stream === null) return [];
    const output = new Output({
      from,
      stream,
      kept: keeps ? this.kept : undefined,
      writers,
      onOverflow: () => {
        if (this.#settings.endsAtMaxBuffer) this.#fail('maxBuffer');
      },
      onError: (error) => this.#fail('output', error),
    });
    return [{ from, output, isKept: keeps }];
  }

  async #whenOver(): Promise<RunResult<string | Buffer>> {
    const { signal, timeoutMs, lateOutputMs } = this.#settings;
    const release = onAbort(signal, () => this.#fail('aborted', signal?.reason));
    const cancel = after(timeoutMs, () => this.#fail('timeout'));
    try {
      const result = await this.child.exited;
      if (this.#terminal !== undefined) await this.#terminal;
      await whenOver(
        this.outputs.map(({ output }) => output),
        lateOutputMs,
      );
      return this.#resultOf(result, await this.#others(), await this.child.jobUsage);
    } finally {
      this.#isOver = true;
      cancel();
      release();
      this.#stopWaiting();
    }
  }

  #others(): Promise<readonly TerminatedMember[]> | readonly TerminatedMember[] {
    if (this.child.containment !== null) return leftInJob(this.child);
    if (this.#part !== undefined) return [];
    return this.#left ?? leftRunning(this.child);
  }

  #either(is: (output: Output) => boolean): { readonly stdout: boolean; readonly stderr: boolean } {
    const of = (name: From): boolean => this.outputs.some(({ from, output }) => from === name && is(output));
    return { stdout: of('stdout'), stderr: of('stderr') };
  }

  #resultOf(
    ended: SpawnResult,
    left: readonly TerminatedMember[],
    jobUsage: JobUsage | null,
  ): RunResult<string | Buffer> {
    const { exitCode, termSignal } = ended;
    const reason = this.#reason;
    return {
      command: this.#settings.command,
      pid: this.pid,
      exitCode,
      termSignal,
      ok: exitCode === 0 && reason === null,
      timedOut: reason === 'timeout',
      aborted: reason === 'aborted',
      truncated: this.#either(({ truncated }) => truncated),
      heldOpen: this.#either(({ heldOpen }) => heldOpen),
      stdout: this.kept.of('stdout'),
      stderr: this.kept.of('stderr'),
      all: this.kept.all,
      durationMs: performance.now() - this.#startedAt,
      rusage: usageOf(ended),
      left,
      reason,
      cause: this.#cause,
      containment: this.child.containment,
      jobUsage,
    };
  }
}
