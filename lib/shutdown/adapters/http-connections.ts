import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { bytesReadOf, Connection } from './http-connection.js';
import { watchEvents } from '../../base/shadow.js';

const maxTimerMs = 2 ** 31 - 1;

/** After it, what had arrived before the call has been read. */
export async function wholeTurn(): Promise<void> {
  // The first may come in this turn of the event loop still, before it polls.
  await nextTurn();
  await nextTurn();
}

// By default the kernel has 511 wait (`backlog` of listen()), and libuv takes one at each poll. Under a steady stream of new ones
// its queue is never seen empty.
const maxTurns = 512;

/** Takes the connections that the kernel has made and the server has not accepted: closing its listener would reset them. */
export async function acceptWaiting(accepted: () => number, signal: AbortSignal): Promise<void> {
  for (let turn = 0, before = -1; turn < maxTurns && !signal.aborted && before !== accepted(); turn += 1) {
    before = accepted();
    await wholeTurn();
  }
}

/** The connections of a server. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #closeUnknown: () => void;
  #accepted = 0;
  #newest: Connection | undefined;
  #idleTimeoutMs: number | null = null;
  #unknownSince = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #onGone: () => void = () => {};

  /** `closeUnknown` closes the idle ones that were made before, and had no request since. */
  constructor(closeUnknown: () => void) {
    this.#closeUnknown = closeUnknown;
  }

  /** How many have been made. */
  get accepted(): number {
    return this.#accepted;
  }

  get upgraded(): Socket[] {
    return [...this.#open.values()].filter(({ upgraded }) => upgraded).map(({ socket }) => socket);
  }

  /** One that has just been made. */
  add(socket: Socket): void {
    this.#accepted += 1;
    this.#newest = this.#track(socket, 0);
  }

  /** Leaves the one that has been made last to the session that node:http2 has just made for it. */
  leaveToSession(): void {
    if (this.#newest !== undefined) this.#newest.session = true;
  }

  /** A request on one of them. */
  expect(response: ServerResponse, socket: Socket): void {
    this.#find(socket).expect(response, () => this.#plan());
  }

  /** Whether it has been told that no request after the present ones is answered. */
  isOver(socket: Socket): boolean {
    return this.#open.get(socket)?.over ?? false;
  }

  upgrade(socket: Socket): void {
    this.#find(socket).upgraded = true;
  }

  /** From now on no response leaves a connection open, and each is closed once it has been idle for so long. */
  end(idleTimeoutMs: number): void {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#unknownSince = performance.now();
    for (const connection of this.#open.values()) connection.end();
    this.#plan();
  }

  /** Resolves when there is none left. The server itself does not count those that were handed to it (its event 'connection'). */
  gone(): Promise<void> {
    return new Promise((resolve) => {
      this.#onGone = resolve;
      if (this.#open.size === 0) resolve();
    });
  }

  destroy(): void {
    this.forget();
    for (const socket of this.#open.keys()) socket.destroy();
  }

  /** Closes nothing any more. */
  forget(): void {
    this.#idleTimeoutMs = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #find(socket: Socket): Connection {
    return this.#open.get(socket) ?? this.#track(socket, bytesReadOf(socket));
  }

  #track(socket: Socket, bytesRead: number): Connection {
    const connection = new Connection(socket, bytesRead);
    if (this.#idleTimeoutMs !== null) connection.end();
    this.#open.set(socket, connection);
    watchEvents(socket, { close: () => this.#forget(socket) });
    this.#plan();
    return connection;
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket);
    if (this.#open.size === 0) this.#onGone();
  }

  #idle(): Connection[] {
    return [...this.#open.values()].filter(({ idle }) => idle);
  }

  #plan(): void {
    if (this.#idleTimeoutMs === null || this.#timer !== undefined) return;
    const since = this.#idle().reduce((first, { quietSince }) => Math.min(first, quietSince), this.#unknownIdleSince());
    const waitMs = since + this.#idleTimeoutMs - performance.now();
    if (waitMs < maxTimerMs) this.#timer = setTimeout(() => void this.#closeIdle(), Math.ceil(Math.max(0, waitMs)));
  }

  async #closeIdle(): Promise<void> {
    // After a long turn the requests of that time are still in the kernel, and the timers come first.
    await wholeTurn();
    if (this.#idleTimeoutMs === null) return;
    this.#timer = undefined;
    const limit = performance.now() - this.#idleTimeoutMs;
    for (const connection of this.#idle()) if (connection.quietSince <= limit) connection.close();
    if (this.#unknownIdleSince() <= limit) this.#lookForUnknown();
    this.#plan();
  }

  // node:http takes a connection for idle whose response has ended, and destroys what of it has not been sent.
  #unknownIdleSince(): number {
    return [...this.#open.values()].some(({ sending }) => sending) ? Infinity : this.#unknownSince;
  }

  #lookForUnknown(): void {
    const known = this.#idle().length > 0;
    this.#unknownSince = known ? performance.now() : Infinity;
    if (!known) this.#closeUnknown();
  }
}
