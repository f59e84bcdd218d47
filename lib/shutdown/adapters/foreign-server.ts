import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';

import { portable } from '../../base/native.js';
import { closeListener } from './http-server.js';
import type { ClosingServer } from './server-group.js';
import { onAbort } from './settle.js';

const lookMs = 20;

/** Whether it is one of Bun's node:http, which has neither the class nor the connections of node:net's. */
export function isForeignServer(value: unknown): value is Server {
  const isForeign = portable !== undefined && 'bun' in process.versions;
  return isForeign && typeof value === 'object' && value !== null && 'closeIdleConnections' in value;
}

/** One that awaits its requests itself, but has its connections to itself: nobody on them is told that it ends. */
export class ClosingForeignServer implements ClosingServer {
  readonly #server: Server & Pick<HttpServer, 'closeIdleConnections' | 'closeAllConnections'>;
  #closed: Promise<void> | undefined;

  constructor(server: Server) {
    this.#server = server as HttpServer;
  }

  stopAccepting(): Promise<void> {
    this.#closed ??= closeListener(this.#server);
    return Promise.resolve();
  }

  async drain(signal: AbortSignal): Promise<void> {
    const closed = (this.#closed ??= closeListener(this.#server));
    // After its last answer a connection is idle, and not closed.
    const idle = setInterval(() => this.#server.closeIdleConnections(), lookMs);
    let release = (): void => {};
    const cut = new Promise<void>((resolve) => {
      release = onAbort(signal, () => {
        this.#server.closeAllConnections();
        resolve();
      });
    });
    try {
      await Promise.race([closed, cut]);
    } finally {
      clearInterval(idle);
      release();
    }
  }

  dispose(): void {}
}
