import { systemError } from '../../base/errors.js';
import { native } from '../../base/native.js';
import { type ProcessRef, refOfChild } from '../process-ref.js';
import { exchangedState, type WaitResult } from '../wait-status.js';
import { offChildSignal, onChildSignal } from '../waiting/child-signals.js';
import { addOwnChild, removeOwnChild } from '../waiting/child-table.js';
import type { Keeper } from '../waiting/keeper.js';
import { failure, type Failing } from './spawn-failure.js';

const sigkill = 9;

/** Keeps a child of this process, which the kernel tells of. */
export class OwnKeeper implements Keeper {
  readonly pid: number;
  readonly ref: ProcessRef;
  readonly #request: Failing;

  constructor(request: Failing, pid: number, pidfd: number) {
    this.pid = pid;
    this.ref = refOfChild(pid, pidfd);
    this.#request = request;
  }

  adopt(collect: () => WaitResult | null): void {
    addOwnChild(this.pid, { collect });
  }

  onEnd(listener: () => void): void {
    try {
      this.ref.onExit(listener);
    } catch (error) {
      // Nobody would learn of its end.
      this.ref.signal(sigkill, undefined);
      native().abandonChild(this.pid);
      throw error;
    }
  }

  hasExited(): boolean {
    return native().peekExit(this.pid) !== 0;
  }

  take(): WaitResult | Error | null {
    const taken = native().wait(this.pid, false, false);
    if (taken === 0) return null;
    // Somebody else's waitpid can have taken it, and with it perhaps how it ended.
    const result = taken > 0 ? exchangedState(this.pid) : this.ref.exitResult();
    const unborn = native().birthError(this.pid);
    if (unborn < 0) return failure(this.#request, unborn);
    return result ?? systemError('waitpid', taken);
  }

  release(): void {
    removeOwnChild(this.pid);
    native().forgetChild(this.pid);
    this.ref.close();
  }

  takeChange(): WaitResult | null {
    return native().stateChange(this.pid, true, true) > 0 ? exchangedState(this.pid) : null;
  }

  onChange(listener: () => void): void {
    onChildSignal(listener);
  }

  offChange(listener: () => void): void {
    offChildSignal(listener);
  }
}
