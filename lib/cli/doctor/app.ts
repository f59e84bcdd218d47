import { setTimeout as delay } from 'node:timers/promises';

import { namesIn, textOf } from '../../diagnostics/inspect/readable.js';
import { descendantsIn } from '../../process/ending/tree.js';
import { isRunning, type ProcessStat, readAllStats, readStat } from '../../process/proc-stat.js';
import { spawn } from '../../process/spawn/spawn.js';
import type { SpawnedProcess, SpawnResult } from '../../process/spawn/spawned-process.js';
import type { SignalName } from '../../signals/names.js';

/** How often something is looked at that tells nobody of its changes. */
export const lookMs = 10;
const settleMs = 500;
// More of its output than this is not kept.
const outputLimit = 1_000_000;

// A whole /proc takes milliseconds. Who is just adopted may be missed (proc_pid_children(5)).
function below(pid: number): ProcessStat[] {
  const tids = namesIn(`/proc/${pid}/task`) ?? [];
  return tids.flatMap((tid) => {
    const pids = textOf(`/proc/${pid}/task/${tid}/children`) ?? '';
    return [...pids.matchAll(/\d+/g)].flatMap(([child]) =>
      [readStat(Number(child)) ?? [], below(Number(child))].flat(),
    );
  });
}

const all = (): ProcessStat[] => below(process.pid);

/** All below this process that run. As a subreaper, it has whatever a start leaves. */
export const members = (): ProcessStat[] => all().filter(isRunning);

/** The same, and nobody is missed. */
const everyMember = (): ProcessStat[] => descendantsIn(readAllStats(), process.pid).filter(isRunning);

/** Kills all that is below this process, and what it starts meanwhile. Returns who is still there: what sleeps in the kernel. */
export async function killMembers(): Promise<readonly ProcessStat[]> {
  for (let round = 0; round < 200; round += 1) {
    const left: readonly ProcessStat[] = everyMember();
    if (left.length === 0) return left;
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended, or become another user's.
      }
    }
    await delay(lookMs);
  }
  return everyMember();
}

/** One start of the app. */
export class App {
  readonly child: SpawnedProcess;
  /** What it has written to stdout and stderr, of each the latest. */
  readonly output: { out: string; err: string } = { out: '', err: '' };
  /** How much it has written. */
  written = 0;
  result: SpawnResult | null = null;
  readonly #behindUnshare: boolean;

  constructor(command: readonly string[], behindUnshare: boolean = false) {
    const [file = '', ...args] = command;
    this.#behindUnshare = behindUnshare;
    // Its own session: a terminal would send it signals, too.
    this.child = spawn(file, args, { session: true, stdio: ['ignore', 'pipe', 'pipe'], parentDeathSignal: 'SIGKILL' });
    for (const [name, stream] of [['out', this.child.stdout] as const, ['err', this.child.stderr] as const])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.written += text.length;
        this.output[name] = (this.output[name] + text).slice(-outputLimit);
      });
    void this.child.exited.then(
      (result) => (this.result = result),
      () => {},
    );
  }

  /** The process that signals go to: as PID 1, the child of unshare. 0 if that is not there yet. */
  get pid(): number {
    if (!this.#behindUnshare) return this.child.pid;
    return members().find(({ ppid }) => ppid === this.child.pid)?.pid ?? 0;
  }

  send(signal: SignalName): void {
    const { pid } = this;
    try {
      if (!this.#behindUnshare) this.child.kill(signal);
      else if (pid > 0) process.kill(pid, signal as NodeJS.Signals);
    } catch {
      // It has ended.
    }
  }

  /** What runs beside the process that signals go to. */
  helpers(): readonly ProcessStat[] {
    const own = new Set([this.child.pid, this.pid]);
    return members().filter(({ pid }) => !own.has(pid));
  }

  /** Waits for its end, at most so long. */
  async endsWithin(ms: number): Promise<boolean> {
    const cancel = new AbortController();
    const late = delay(ms, undefined, { signal: cancel.signal }).catch(() => {});
    await Promise.race([this.child.exited, late]);
    cancel.abort();
    return this.result !== null;
  }

  /** Who has outlived it, after some time for those that it has told to end; and all that it has written has come. */
  async left(): Promise<readonly ProcessStat[]> {
    const end = performance.now() + settleMs;
    while (members().length > 0 && performance.now() < end) await delay(lookMs);
    const left = everyMember();
    // Somebody else may have been given its pipes.
    if (left.length === 0) await Promise.race([this.child.closed, delay(settleMs, undefined, { ref: false })]);
    return left;
  }

  /** Whether a signal has been taken from its queue. */
  hasTaken(number: number): boolean {
    const status = textOf(`/proc/${this.pid}/status`) ?? '';
    const sets = [...status.matchAll(/^(?:SigPnd|ShdPnd):\t(\w+)$/gm)];
    return sets.every(([, set]) => ((BigInt(`0x${set}`) >> BigInt(number - 1)) & 1n) === 0n);
  }

  async until(condition: () => boolean, ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    while (this.result === null && performance.now() < end) {
      if (condition()) return true;
      await delay(lookMs);
    }
    return condition();
  }

  /** Zombies whose parent lives and leaves them. */
  async zombies(): Promise<readonly ProcessStat[]> {
    const look = (): ProcessStat[] => all().filter((one: ProcessStat) => one.ppid !== process.pid && !isRunning(one));
    const end = performance.now() + settleMs;
    let seen = look();
    while (seen.length > 0 && performance.now() < end) {
      await delay(lookMs);
      const now = new Set(look().map(({ pid }) => pid));
      seen = seen.filter(({ pid }) => now.has(pid));
    }
    return seen;
  }
}
