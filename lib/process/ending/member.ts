import { native } from '../../base/native.js';
import { nameOf, type SignalName } from '../../signals/names.js';
import { isStopped, type ProcessStat, readStat } from '../proc-stat.js';
import type { ProcessRef } from '../process-ref.js';
import { decodeWaitStatus, type WaitStatus } from '../wait-status.js';

/** How one member of a group or tree ended, or why it did not. */
export interface TerminatedMember {
  readonly pid: number;
  /** The name of its program, at most 15 bytes (proc(5)); empty of one that /proc hides. */
  readonly comm: string;
  /** Whether it has exited; a zombie has. */
  readonly ended: boolean;
  /** The last signal that it was sent to end it, null if it could be sent none. */
  readonly sent: SignalName | null;
  /** How it ended; null where the kernel tells only its parent, or if it has not. */
  readonly status: WaitStatus | null;
  /** Why it has not ended: 'EPERM', 'uninterruptible' (state D), or 'running'. */
  readonly reason: 'EPERM' | 'uninterruptible' | 'running' | null;
}

const notPermitted = -1;
const sigcont = 18;

/** One that belongs to a group or tree, by a reference that no recycled pid can confuse. */
export class Member {
  readonly stat: ProcessStat;
  readonly ref: ProcessRef;
  exited = false;
  refused = false;
  /** As it was when it was seen stopped; null if it has not been. */
  frozen: ProcessStat | null = null;
  #sent: SignalName | null = null;
  #status: WaitStatus | null = null;

  constructor(stat: ProcessStat, ref: ProcessRef, onExit: () => void) {
    this.stat = stat;
    this.ref = ref;
    ref.onExit(() => {
      this.exited = true;
      this.#status = this.#findStatus();
      onExit();
    });
  }

  get running(): boolean {
    return !this.exited && !this.refused;
  }

  signal(number: number): void {
    const result = this.exited ? 0 : this.ref.signal(number, undefined);
    if (result === notPermitted) this.refused = true;
  }

  /** Sends what is to end it; `asOneOf` a group that gets it as a whole, it is only asked whether it may be sent that. */
  end(number: number, asOneOf: boolean): void {
    this.signal(asOneOf ? 0 : number);
    if (!this.refused) this.#sent = nameOf(number);
  }

  /** Never throws: the others shall go on, too. */
  goOn(): void {
    if (this.exited) return;
    try {
      this.ref.signal(sigcont, undefined);
    } catch {
      // Nobody can look for want of a descriptor; what is stopped keeps its number.
      native().kill(this.stat.pid, sigcont);
    }
  }

  now(): ProcessStat | null {
    const stat = readStat(this.stat.pid);
    return stat?.startTime === this.stat.startTime ? stat : null;
  }

  /** Looks whether it is stopped by now. Returns how it is, null if it is gone. */
  look(): ProcessStat | null {
    const stat = this.now();
    if (stat !== null && isStopped(stat)) this.frozen = stat;
    return stat;
  }

  #findStatus(): WaitStatus | null {
    const result = this.ref.exitResult();
    return result === null ? null : decodeWaitStatus(result.raw);
  }

  report(): TerminatedMember {
    const { pid, comm } = this.stat;
    const ended = this.exited;
    return { pid, comm, ended, sent: this.#sent, status: this.#status, reason: ended ? null : this.#reason };
  }

  get #reason(): TerminatedMember['reason'] {
    if (this.refused) return 'EPERM';
    return this.now()?.state === 'D' ? 'uninterruptible' : 'running';
  }
}
