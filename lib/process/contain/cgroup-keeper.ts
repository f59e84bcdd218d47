import { after } from '../../base/after.js';
import { native } from '../../base/native.js';
import { readStat } from '../proc-stat.js';
import type { ProcessRef } from '../process-ref.js';
import type { WaitResult } from '../wait-status.js';
import type { Keeper } from '../waiting/keeper.js';
import type { Cgroup, JobUsage } from './cgroup.js';
import type { Contained, LeftProcess } from './containment.js';

const [sigkill, sigcont] = [9, 18];
const longestPauseMs = 50;
// cgroup.kill passes over a process whose first thread has ended.
const oneByOneFromMs = 4;
// For what sleeps in the kernel and does not die.
const patienceMs = 10_000;

/** Keeps a child of this process that was born in a cgroup of its own. */
export class CgroupKeeper implements Contained {
  readonly kind = 'cgroup';
  readonly left: Promise<readonly LeftProcess[]>;
  readonly jobUsage: Promise<JobUsage | null>;
  readonly #own: Keeper;
  readonly #cgroup: Cgroup;
  #tellLeft: (left: readonly LeftProcess[]) => void = () => {};
  #tellUsage: (usage: JobUsage | null) => void = () => {};
  #ended: () => void = () => {};
  #isEnding = false;
  #isOver = false;
  #cancelLate: () => void = () => {};
  readonly #seen = new Map<number, LeftProcess>();

  constructor(own: Keeper, cgroup: Cgroup) {
    this.#own = own;
    this.#cgroup = cgroup;
    this.left = new Promise((resolve) => (this.#tellLeft = resolve));
    this.jobUsage = new Promise((resolve) => (this.#tellUsage = resolve));
  }

  get pid(): number {
    return this.#own.pid;
  }

  get ref(): ProcessRef {
    return this.#own.ref;
  }

  adopt(collect: () => WaitResult | null): void {
    this.#own.adopt(collect);
  }

  onEnd(listener: () => void): void {
    this.#ended = listener;
    this.#own.onEnd(() => this.#end());
  }

  hasExited(): boolean {
    return this.#own.hasExited();
  }

  // It is reaped only when the others have ended: until then its number, and that of its group, are its own.
  take(): WaitResult | Error | null {
    if (native().peekExit(this.pid) > 0 && !this.#isOver) {
      this.#end();
      return null;
    }
    return this.#own.take();
  }

  release(): void {
    this.#cancelLate();
    this.#own.release();
    // It may have been taken by somebody else before the others have ended.
    if (!this.#isEnding) this.#end();
  }

  takeChange(): WaitResult | null {
    return this.#own.takeChange();
  }

  onChange(listener: () => void): void {
    this.#own.onChange(listener);
  }

  offChange(listener: () => void): void {
    this.#own.offChange(listener);
  }

  endAll(sig: number, graceMs: number, ref: boolean): void {
    if (this.#isEnding) return;
    this.#cancelLate();
    this.#look();
    if (sig === sigkill) {
      this.#cgroup.kill();
    } else {
      this.#cgroup.signal(sig);
      this.#cgroup.signal(sigcont);
    }
    const kill = (): void => {
      this.#look();
      this.#cgroup.kill(true);
    };
    this.#cancelLate = after(sig === sigkill ? oneByOneFromMs : graceMs, kill, ref);
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#cancelLate();
    this.#look();
    this.#tellLeft([...this.#seen.values()]);
    this.#empty(1, performance.now() + patienceMs);
  }

  // Those that are killed with the command are gone when that is known.
  #look(): void {
    for (const pid of this.#cgroup.members())
      if (pid !== this.pid) this.#seen.set(pid, { pid, comm: readStat(pid)?.comm ?? '', status: null });
  }

  // What is stopped or frozen dies as well.
  #empty(pauseMs: number, deadline: number): void {
    if (!this.#cgroup.isEmpty && performance.now() < deadline) {
      this.#cgroup.kill(pauseMs >= oneByOneFromMs);
      if (!this.#cgroup.isEmpty) {
        setTimeout(() => this.#empty(Math.min(pauseMs * 2, longestPauseMs), deadline), pauseMs);
        return;
      }
    }
    this.#tellUsage(this.#cgroup.usage());
    this.#cgroup.remove();
    this.#isOver = true;
    this.#ended();
  }
}
