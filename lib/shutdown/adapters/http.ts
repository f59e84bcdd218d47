import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { acceptWaiting, Connections } from './http-connections.js';
import { asHttp, closeListener, ignoreNewcomers, withholdRequests } from './http-server.js';
import { Session } from './http-session.js';
import { onAbort } from './settle.js';
import { watchEvents } from '../../base/shadow.js';

export interface HttpSettings {
  readonly idleTimeoutMs: number;
  readonly upgraded: (socket: Duplex) => unknown;
  readonly upgradedTimeoutMs: number;
}

/** A server of HTTP on its way to its end. */
export class ClosingHttpServer {
  readonly #server: Server;
  readonly #settings: HttpSettings;
  readonly #connections: Connections;
  readonly #sessions = new Set<Session>();
  readonly #failures: unknown[] = [];
  readonly #unwatch: () => void;
  #restore: () => void = () => {};
  #phase: 'open' | 'closing' | 'draining' | 'cutting' = 'open';
  #closed: Promise<void> | undefined;

  constructor(server: Server, settings: HttpSettings) {
    this.#server = server;
    this.#settings = settings;
    const { closeIdleConnections } = asHttp(server);
    this.#connections = new Connections(() => closeIdleConnections?.call(server));
    const onConnection = (socket: Socket): void => this.#connections.add(socket);
    const onSession = (session: Http2Session): void => this.#onSession(session);
    const onUpgrade = (_request: IncomingMessage, socket: Socket): void => this.#onUpgrade(socket);
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      // The others are those of HTTP/2, of which node:http2 takes care.
      if (request.httpVersionMajor === 1) this.#connections.expect(response, request.socket);
    };
    this.#unwatch = watchEvents(server, {
      connection: onConnection,
      secureConnection: onConnection,
      session: onSession,
      request: onRequest,
      checkContinue: onRequest,
      checkExpectation: onRequest,
      upgrade: onUpgrade,
      connect: onUpgrade,
    });
  }

  async stopAccepting(signal: AbortSignal): Promise<void> {
    this.#begin();
    const release = await ignoreNewcomers(this.#server);
    try {
      await acceptWaiting(() => this.#connections.accepted, signal);
      this.#closed ??= this.#closeListener();
    } finally {
      release();
    }
  }

  async drain(signal: AbortSignal): Promise<void> {
    // The stage before can have been given up, before this server's turn or amid it.
    if (this.#phase === 'open') this.#begin();
    this.#phase = 'draining';
    for (const socket of this.#connections.upgraded) void this.#tell(socket);
    const cut = setTimeout(() => this.#cutUpgraded(), Math.min(this.#settings.upgradedTimeoutMs, 2 ** 31 - 1));
    const release = onAbort(signal, () => this.#destroy());
    await (this.#closed ??= this.#closeListener());
    await this.#connections.gone();
    release();
    clearTimeout(cut);
    this.#letGo();
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'an upgraded connection was not told');
  }

  /** Not amid the drain, which would wait for idle connections that nobody closes. */
  dispose(): void {
    if (this.#phase === 'open' || this.#phase === 'closing') this.#letGo();
  }

  #begin(): void {
    this.#phase = 'closing';
    this.#connections.end(this.#settings.idleTimeoutMs);
    this.#restore = withholdRequests(this.#server, (socket) => this.#connections.isOver(socket));
    for (const session of this.#sessions) void session.end();
  }

  #letGo(): void {
    this.#restore();
    this.#unwatch();
    this.#connections.forget();
  }

  // From Node 24 on it would close the sessions.
  #closeListener(): Promise<void> {
    const restores = [...this.#sessions].map((session) => session.keepOpen());
    try {
      return closeListener(this.#server);
    } finally {
      for (const restore of restores) restore();
    }
  }

  #onSession(made: Http2Session): void {
    this.#connections.leaveToSession();
    const session = new Session(made, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    if (this.#phase !== 'open') void session.end();
  }

  #onUpgrade(socket: Socket): void {
    this.#connections.upgrade(socket);
    // The listeners of the service have it first.
    if (this.#phase === 'draining') process.nextTick(() => void this.#tell(socket));
    if (this.#phase === 'cutting') socket.destroy();
  }

  async #tell(socket: Socket): Promise<void> {
    try {
      await this.#settings.upgraded(socket);
    } catch (error) {
      this.#failures.push(error);
    }
  }

  #cutUpgraded(): void {
    this.#phase = 'cutting';
    for (const socket of this.#connections.upgraded) socket.destroy();
  }

  #destroy(): void {
    this.#connections.destroy();
    for (const session of this.#sessions) session.destroy();
    // Those that were made before they could be known.
    asHttp(this.#server).closeAllConnections?.();
    this.#letGo();
  }
}
