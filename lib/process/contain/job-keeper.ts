import { Socket } from 'node:net';

import { after } from '../../base/after.js';
import { SigkitError } from '../../base/errors.js';
import { callEach, native } from '../../base/native.js';
import { terminateTree } from '../ending/terminate.js';
import { type ProcessRef, refOfChild } from '../process-ref.js';
import { decodeWaitStatus, type WaitResult } from '../wait-status.js';
import type { Contained, ContainmentKind, LeftProcess } from './containment.js';
import { type Message, messageSize, nameIn, readMessage, resultIn, told } from './messages.js';
import type { Supervisor } from './supervisor.js';

// native/init/contain.cc has the same.
const orders = { mayReap: 'g', kill: 'k' } as const;
const sigcont = 18;
// Within it a supervisor kills; one that has not then does not answer.
const killLimitMs = 2500;

/** What a job's keeper needs to know. */
export interface Job {
  readonly kind: ContainmentKind;
  readonly pid: number;
  readonly supervisor: Supervisor;
  /** What spawn() would have thrown, had it waited for it. */
  readonly failure: (step: number, errno: number) => Error;
}

/** Keeps the command of a job of which a supervisor tells. */
export class JobKeeper implements Contained {
  readonly pid: number;
  readonly kind: ContainmentKind;
  readonly ref: ProcessRef;
  /** Who was still there at the end. */
  readonly left: Promise<readonly LeftProcess[]>;
  readonly jobUsage: Promise<null> = Promise.resolve(null);
  readonly #job: Job;
  readonly #socket: Socket;
  readonly #listeners = new Set<() => void>();
  readonly #left: LeftProcess[] = [];
  #tellLeft: (left: readonly LeftProcess[]) => void = () => {};
  #ended: () => void = () => {};
  #change: WaitResult | null = null;
  #outcome: WaitResult | Error | undefined;
  #unread = Buffer.alloc(0);
  #cancelLate: () => void = () => {};

  constructor(job: Job) {
    this.#job = job;
    this.pid = job.pid;
    this.kind = job.kind;
    this.left = new Promise((resolve) => (this.#tellLeft = resolve));
    const pidfd = native().pidfdOpen(job.pid);
    this.ref = refOfChild(job.pid, pidfd);
    this.#socket = new Socket({ fd: job.supervisor.control, readable: true, writable: true });
    native().settle(job.supervisor.control);
    this.#socket.unref();
    // Its end is told by 'close'.
    this.#socket.on('error', () => {});
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#socket.on('close', () => this.#onLost());
    this.#socket.write(orders.mayReap);
    // Somebody may have stopped the supervisor, which would not see the end.
    this.ref.onExit(() => job.supervisor.signal(sigcont));
  }

  adopt(): void {
    this.#job.supervisor.adopt();
  }

  onEnd(listener: () => void): void {
    this.#ended = listener;
  }

  hasExited(): boolean {
    return this.#outcome !== undefined;
  }

  take(): WaitResult | Error | null {
    return this.#outcome ?? null;
  }

  release(): void {
    this.#cancelLate();
    this.ref.close();
  }

  takeChange(): WaitResult | null {
    const change = this.#change;
    this.#change = null;
    return change;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  offChange(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  endAll(sig: number, graceMs: number, ref: boolean): void {
    if (this.#outcome !== undefined) return;
    if (graceMs > 0) this.#order(String.fromCharCode(sig));
    this.#cancelLate();
    const kill = (): void => {
      this.#order(orders.kill);
      this.#cancelLate = after(killLimitMs, () => void this.#endFromHere(), ref);
    };
    if (graceMs > 0) this.#cancelLate = after(graceMs, kill, ref);
    else kill();
  }

  #order(order: string): void {
    this.#job.supervisor.signal(sigcont);
    this.#socket.write(order);
  }

  // It does not answer: stopped again and again, or starved.
  async #endFromHere(): Promise<void> {
    await terminateTree(this.#job.supervisor.pid, { sig: 'SIGKILL' }).catch(() => {});
    this.#job.supervisor.signal(9);
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= messageSize) {
      const message = readMessage(this.#unread.subarray(0, messageSize));
      this.#unread = this.#unread.subarray(messageSize);
      this.#hear(message);
    }
  }

  #hear(message: Message): void {
    const { kind, pid, status, error } = message;
    if (kind === told.changed) {
      this.#change = { pid, ...decodeWaitStatus(status), rusage: null };
      callEach(this.#listeners, (listener) => listener());
    }
    if (kind === told.left)
      this.#left.push({ pid, comm: nameIn(message), status: status < 0 ? null : decodeWaitStatus(status) });
    if (kind === told.failed) this.#end(this.#job.failure(status, error));
    if (kind === told.ended) this.#end(status < 0 ? lost(this.pid) : resultIn(message));
  }

  #onLost(): void {
    this.#end(lost(this.pid));
  }

  #end(outcome: WaitResult | Error): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#tellLeft(this.#left);
    this.#ended();
  }
}

function lost(pid: number): SigkitError {
  return new SigkitError(
    'ERR_SIGKIT_NOT_CONTAINED',
    `the supervisor of process ${pid} has been killed: how that ended is unknown, and what it has started may be left`,
  );
}
