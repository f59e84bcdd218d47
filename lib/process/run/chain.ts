import type { Socket } from 'node:net';

import { after } from '../../base/after.js';
import { abortError, systemError } from '../../base/errors.js';
import { toSignalOrProbe } from '../../signals/arguments.js';
import type { Signal } from '../../signals/names.js';
import type { TerminatedMember } from '../ending/member.js';
import { endScope, giveBack, groupOf } from './end-scope.js';
import { Job } from './job.js';
import { Kept } from './kept.js';
import type { From } from './options.js';
import { leftRunning } from './left.js';
import { onAbort } from './on-abort.js';
import type { EndReason, RunResult } from './result.js';
import type { OpenOutput, Running } from './running.js';
import type { Settings } from './settings.js';
import { attend, takeTerminal } from './terminal.js';

const noSuchProcess = -3;

/** What has become of a pipeline: `pid` is that of its first command, `rusage` is with each. */
export interface PipelineResult<Output extends string | Buffer = string> extends RunResult<Output> {
  /** Of each command, in their order. */
  readonly stages: readonly RunResult<Output>[];
}

/** Commands in a row that run. */
export class Chain implements Running {
  readonly kept: Kept;
  readonly result: Promise<PipelineResult<string | Buffer>>;
  readonly #whole: Settings;
  readonly #jobs: readonly Job[];
  readonly #startedAt = performance.now();
  readonly #terminal: Promise<void> | undefined;
  #left: Promise<readonly TerminatedMember[]> | undefined;
  #reason: EndReason | null = null;
  #cause: unknown = undefined;

  /** @throws what spawn() throws; nothing of it runs then */
  constructor(whole: Settings, stages: readonly Settings[]) {
    if (whole.signal?.aborted === true) throw abortError(whole.signal.reason);
    this.#whole = whole;
    this.kept = new Kept(whole);
    this.#jobs = this.#start(stages);
    const hasTerminal = stages[0]?.hasTerminal === true;
    this.#terminal = hasTerminal ? attend(this.#jobs.map(({ child }) => child)) : undefined;
    this.result = this.#whenOver();
  }

  get pid(): number {
    return this.#jobs[0]?.pid ?? 0;
  }

  get stdin(): Socket | null {
    return this.#jobs[0]?.stdin ?? null;
  }

  get outputs(): readonly OpenOutput[] {
    return this.#jobs.flatMap(({ outputs }) => outputs);
  }

  kill(sig: Signal): boolean {
    const [leader] = this.#jobs;
    const group = this.#whole.scope === 'process' || leader === undefined ? undefined : groupOf(leader.child);
    if (group === undefined) return this.#jobs.map((job) => job.kill(sig)).includes(true);
    // All at once: one of them alone would end the others by what they read.
    const result = group.signal(toSignalOrProbe(sig, 'sig'));
    giveBack(group);
    if (result < 0 && result !== noSuchProcess) throw systemError('killpg', result);
    return result === 0;
  }

  end(reason: EndReason, cause?: unknown): void {
    if (this.#left !== undefined) return;
    this.#reason = reason;
    this.#cause = cause;
    this.#left = this.#endAll(this.#jobs);
    for (const job of this.#jobs) job.endBy(this.#left, reason, cause);
  }

  // One turn of the event loop, in which nobody is reaped: the first one's number is its group's until the last has joined.
  #start(stages: readonly Settings[]): readonly Job[] {
    const jobs: Job[] = [];
    try {
      for (const [index, settings] of stages.entries()) {
        const before = jobs.at(-1)?.child.stdout ?? null;
        const part = {
          stdin: before,
          isJoined: index < stages.length - 1,
          group: this.#whole.scope === 'process' ? undefined : jobs[0]?.pid,
          kept: this.kept,
          end: (reason: EndReason, cause?: unknown) => this.end(reason, cause),
        };
        jobs.push(new Job(settings, part));
        // The next one has it: this process's own would keep the pipe open.
        before?.destroy();
      }
      return jobs;
    } catch (error) {
      if (stages[0]?.hasTerminal === true) takeTerminal();
      void this.#endAll(jobs);
      throw error;
    }
  }

  async #endAll(jobs: readonly Job[]): Promise<readonly TerminatedMember[]> {
    const { scope, wish } = this.#whole;
    const [leader] = jobs;
    const own = new Set(jobs.map(({ pid }) => pid));
    const whole = scope === 'group' && leader !== undefined ? await endScope(leader.child, scope, wish) : [];
    // Who has left the group, too.
    const others = await Promise.all(
      jobs.map(({ child }) => endScope(child, scope === 'group' ? 'process' : scope, wish)),
    );
    return [...whole, ...others.flat()].filter(({ pid }) => !own.has(pid));
  }

  async #whenOver(): Promise<PipelineResult<string | Buffer>> {
    const { signal, timeoutMs } = this.#whole;
    const release = onAbort(signal, () => this.end('aborted', signal?.reason));
    const cancel = after(timeoutMs, () => this.end('timeout'));
    try {
      const stages = await Promise.all(this.#jobs.map(({ result }) => result));
      // Who has ended before others of the group has it still open.
      for (const { child } of this.#jobs) giveBack(groupOf(child));
      await this.#terminal;
      const [leader] = this.#jobs;
      const running = (): readonly TerminatedMember[] => (leader === undefined ? [] : leftRunning(leader.child));
      return this.#resultOf(stages, (await this.#left) ?? running());
    } finally {
      cancel();
      release();
    }
  }

  #resultOf(
    stages: readonly RunResult<string | Buffer>[],
    left: readonly TerminatedMember[],
  ): PipelineResult<string | Buffer> {
    // As with `set -o pipefail`: the last that has failed says how all of it ended.
    const failed = stages.findLast(({ exitCode }) => exitCode !== 0);
    const { exitCode = 0, termSignal = null } = failed ?? {};
    const reason = this.#reason;
    const some = (name: From, of: 'truncated' | 'heldOpen'): boolean => stages.some((stage) => stage[of][name]);
    return {
      command: this.#whole.command,
      pid: this.pid,
      exitCode,
      termSignal,
      ok: failed === undefined && reason === null,
      timedOut: reason === 'timeout',
      aborted: reason === 'aborted',
      truncated: {
        stdout: some('stdout', 'truncated'),
        stderr: some('stderr', 'truncated') || this.kept.isCut('stderr'),
      },
      heldOpen: { stdout: some('stdout', 'heldOpen'), stderr: some('stderr', 'heldOpen') },
      stdout: this.kept.of('stdout'),
      stderr: this.kept.of('stderr'),
      all: this.kept.all,
      durationMs: performance.now() - this.#startedAt,
      rusage: null,
      left,
      reason,
      cause: this.#cause,
      containment: this.#jobs[0]?.child.containment ?? null,
      jobUsage: null,
      stages,
    };
  }
}
