import type { Server, Socket } from 'node:net';

import { watchEvents } from '../../base/shadow.js';
import { acceptWaiting } from './http-connections.js';
import { ignoreNewcomers } from './http-server.js';
import { socketsOf } from './listening.js';
import { onAbort } from './settle.js';

export interface PlainSettings {
  readonly connected: (socket: Socket) => unknown;
  readonly connectedTimeoutMs: number;
}

const maxTimerMs = 2 ** 31 - 1;

/**
 * A server of node:net or node:tls on its way to its end. What its connections say is not known, nor when one of them has
 * said all: they are told, and awaited.
 */
export class ClosingPlainServer {
  readonly #server: Server;
  readonly #settings: PlainSettings;
  readonly #open = new Set<Socket>();
  // Those that the service has: of TLS not the sockets below.
  readonly #served = new WeakSet<Socket>();
  readonly #failures: unknown[] = [];
  readonly #unwatch: () => void;
  #accepted = 0;
  #draining = false;
  #closed: Promise<void> | undefined;
  #onGone: () => void = () => {};

  constructor(server: Server, settings: PlainSettings) {
    this.#server = server;
    this.#settings = settings;
    const secures = 'setSecureContext' in server;
    for (const socket of socketsOf(server)) this.#track(socket, !secures || 'encrypted' in socket);
    this.#unwatch = watchEvents(server, {
      connection: (socket: Socket) => {
        this.#accepted += 1;
        this.#track(socket, !secures);
      },
      secureConnection: (socket: Socket) => this.#track(socket, true),
    });
  }

  async stopAccepting(signal: AbortSignal): Promise<void> {
    const release = await ignoreNewcomers(this.#server);
    try {
      await acceptWaiting(() => this.#accepted, signal);
      this.#closed ??= this.#close();
    } finally {
      release();
    }
  }

  async drain(signal: AbortSignal): Promise<void> {
    this.#draining = true;
    for (const socket of this.#open) if (this.#served.has(socket)) void this.#tell(socket);
    const cut = setTimeout(() => this.#destroy(), Math.min(this.#settings.connectedTimeoutMs, maxTimerMs));
    const release = onAbort(signal, () => this.#destroy());
    await (this.#closed ??= this.#close());
    await new Promise<void>((resolve) => {
      this.#onGone = resolve;
      if (this.#open.size === 0) resolve();
    });
    release();
    clearTimeout(cut);
    this.#unwatch();
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'a connection was not told');
  }

  dispose(): void {
    if (!this.#draining) this.#unwatch();
  }

  // Also if it was not listening: that is no failure of a shutdown.
  #close(): Promise<void> {
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }

  #track(socket: Socket, served: boolean): void {
    this.#open.add(socket);
    if (served) this.#served.add(socket);
    watchEvents(socket, { close: () => this.#forget(socket) });
    // The listeners of the service have it first.
    if (served && this.#draining) process.nextTick(() => void this.#tell(socket));
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket);
    if (this.#open.size === 0) this.#onGone();
  }

  async #tell(socket: Socket): Promise<void> {
    try {
      await this.#settings.connected(socket);
    } catch (error) {
      this.#failures.push(error);
    }
  }

  #destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
