import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { closeServer, type ServerCloser } from '../adapters/servers.js';
import { onAbort } from '../adapters/settle.js';
import type { HookContext, Shutdown } from '../types.js';

interface Handler {
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

// Who asks how it is, and does not finish its question, is not to hold up the end.
const lastAnswersMs = 1000;

/** A port that outlives the service: it is closed when all else has been. */
export class HealthPort {
  readonly address: AddressInfo;
  readonly #server: Server;
  readonly #closer: ServerCloser;
  readonly #shutdown: Shutdown;
  readonly #name: string;

  private constructor(server: Server, closer: ServerCloser, shutdown: Shutdown) {
    this.address = server.address() as AddressInfo;
    this.#server = server;
    this.#closer = closer;
    this.#shutdown = shutdown;
    this.#name = `health on ${this.address.address}, port ${this.address.port}`;
  }

  static async open(handler: Handler, shutdown: Shutdown, port: number, host: string | undefined): Promise<HealthPort> {
    // Only who wants a port of its own needs it.
    const { createServer } = process.getBuiltinModule('node:http');
    const server = createServer((request, response) => {
      if (!handler.handle(request, response)) response.writeHead(404, { 'Content-Length': 0 }).end();
    });
    const closer = closeServer(server, { idleTimeoutMs: 0 });
    // Who keeps asking on one connection does not keep the process alive, either.
    server.unref().on('connection', (socket) => socket.unref());
    await once(server.listen(port, host), 'listening');
    const opened = new HealthPort(server, closer, shutdown);
    opened.#join();
    return opened;
  }

  async close(): Promise<void> {
    this.#shutdown.remove(this.#name);
    this.#closer[Symbol.dispose]();
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #join(): void {
    const hook = async (given: HookContext): Promise<void> => {
      // Not by AbortSignal.timeout(): under any(), Node 20 may collect it before its time.
      const controller = new AbortController();
      const cut = setTimeout(() => controller.abort(), lastAnswersMs);
      const release = onAbort(given.signal, () => controller.abort());
      const context = { ...given, signal: controller.signal };
      try {
        await this.#closer['stop-accepting'](context);
        await this.#closer.drain(context);
      } finally {
        clearTimeout(cut);
        release();
      }
    };
    const dispose = (): void => void this.close();
    try {
      this.#shutdown.add(this.#name, Object.assign(hook, { [Symbol.dispose]: dispose }), { stage: 'flush' });
    } catch (error) {
      dispose();
      throw error;
    }
  }
}
