// What a service can do by hand, with Node alone, so that its end loses next to nothing: it cannot take what the kernel
// accepts last. Who waits for the same requests cannot be much faster.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

// As closeServer has it.
const idleTimeoutMs = 1000;

export class CarefulEnd {
  readonly #server: Server;
  /** Since when each connection has been idle; Infinity: it is not. */
  readonly #idleSince = new Map<Socket, number>();
  readonly #pending = new Set<ServerResponse>();
  #ending = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#idleSince.set(socket, performance.now());
      socket.once('close', () => this.#idleSince.delete(socket));
    });
    server.prependListener('request', (request, response) => this.#onRequest(request, response));
  }

  async drain(): Promise<void> {
    // What the kernel has accepted is there after some turns.
    for (let known = -1; known !== this.#idleSince.size;) {
      known = this.#idleSince.size;
      await turn();
    }
    this.#ending = true;
    for (const response of this.#pending) tellLast(response);
    const closed = new Promise((resolve) => void this.#server.once('close', resolve));
    // That of http closes idle connections at once, and their next requests are lost.
    NetServer.prototype.close.call(this.#server);
    this.#closeIdle();
    await closed;
  }

  #onRequest({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#idleSince.set(socket, Infinity);
    this.#pending.add(response);
    if (this.#ending) tellLast(response);
    response.once('close', () => {
      this.#pending.delete(response);
      if (this.#idleSince.has(socket)) this.#idleSince.set(socket, performance.now());
    });
  }

  #closeIdle(): void {
    for (const [socket, since] of this.#idleSince) {
      if (performance.now() - since >= idleTimeoutMs) socket.end();
    }
    if (this.#idleSince.size > 0) setTimeout(() => this.#closeIdle(), 1);
  }
}

function tellLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
