import { native } from '../../base/native.js';
import { type ProcessRef, refOfChild } from '../process-ref.js';
import { addOwnChild, removeOwnChild } from '../waiting/child-table.js';

const retryMs = 20;

/** The process that keeps a job together. */
export class Supervisor {
  readonly pid: number;
  /** Our end of its socket. */
  readonly control: number;
  readonly #ref: ProcessRef;
  #isOver = false;
  #ended: () => void = () => {};

  constructor(pid: number, pidfd: number, control: number) {
    this.pid = pid;
    this.control = control;
    this.#ref = refOfChild(pid, pidfd);
    this.#watch();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  onEnd(listener: () => void): void {
    this.#ended = listener;
  }

  /** Nobody else is to take it. */
  adopt(): void {
    if (!this.#isOver) addOwnChild(this.pid, { collect: () => (this.#reap(), null) });
  }

  signal(number: number): void {
    if (!this.#isOver) this.#ref.signal(number, undefined);
  }

  #watch(): void {
    this.#ref.onExit(() => {
      if (!this.#reap()) setTimeout(() => this.#watch(), retryMs).unref();
    });
  }

  #reap(): boolean {
    if (this.#isOver) return true;
    if (native().wait(this.pid, false, false) === 0) return false;
    this.#isOver = true;
    removeOwnChild(this.pid);
    native().forgetChild(this.pid);
    this.#ref.close();
    this.#ended();
    return true;
  }
}
