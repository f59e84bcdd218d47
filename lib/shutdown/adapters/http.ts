import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Session } from 'node:http2';
import { Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { toFunction, toTimeoutMs } from '../../base/arguments.js';
import { invalidArgType } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { HookContext } from '../types.js';
import { Connections, wholeTurn } from './http-connections.js';
import { asHttp, closeListener, ignoreNewcomers, withholdRequests } from './http-server.js';
import { Session } from './http-session.js';
import { onAbort } from './settle.js';
import { watchEvents } from '../../base/shadow.js';

export interface CloseServerOptions {
  /**
   * How long a kept-alive connection may have been idle: those that have been for longer are closed at once, others then. A
   * request that comes before is answered, with `Connection: close`. @default 1000
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Tells the other side of an upgraded connection, a WebSocket, that it ends. Called for each when draining begins. @default nobody is told */
  readonly upgraded?: ((socket: Duplex) => unknown) | undefined;
  /** How long upgraded connections have from then on, before they are cut. @default 5000 */
  readonly upgradedTimeoutMs?: number | undefined;
}

/** What `closeServer` makes of a server: to be given to `add()`. */
export type ServerCloser = {
  readonly 'stop-accepting': (context: HookContext) => Promise<void>;
  readonly drain: (context: HookContext) => Promise<void>;
  /** Lets go of the server. The end of draining does it too. */
  [Symbol.dispose](): void;
};

interface Settings {
  readonly idleTimeoutMs: number;
  readonly upgraded: (socket: Duplex) => unknown;
  readonly upgradedTimeoutMs: number;
}

const optionNames: OptionNames<CloseServerOptions> = { idleTimeoutMs: true, upgraded: true, upgradedTimeoutMs: true };
const usualIdleTimeoutMs = 1000;
const usualUpgradedTimeoutMs = 5000;
// Under a steady stream of new connections the kernel's queue of them is never seen empty.
const maxTurns = 16;

/** A server on its way to its end. */
class ClosingServer {
  readonly #server: Server;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #sessions = new Set<Session>();
  readonly #failures: unknown[] = [];
  readonly #unwatch: () => void;
  #restore: () => void = () => {};
  #phase: 'open' | 'closing' | 'draining' | 'cutting' = 'open';
  #closed: Promise<void> | undefined;

  constructor(server: Server, settings: Settings) {
    this.#server = server;
    this.#settings = settings;
    this.#connections = new Connections(() => asHttp(server).closeIdleConnections?.());
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
      await this.#acceptWaiting(signal);
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

  // A connection is made before the server accepts it. Closing the listener resets those that it has not accepted.
  async #acceptWaiting(signal: AbortSignal): Promise<void> {
    for (let turn = 0; turn < maxTurns && !signal.aborted; turn += 1) {
      const { accepted } = this.#connections;
      await wholeTurn();
      if (this.#connections.accepted === accepted) return;
    }
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

/**
 * Ends a server of node:http, node:https or node:http2 without losing a request: it stops listening, connections are closed
 * as they become idle, requests under way are awaited, upgraded connections told and then cut, and what is left when its
 * time is over is destroyed. Knows connections from this call on: call it before the server listens.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function closeServer(server: Server, options?: CloseServerOptions): ServerCloser {
  if (!(server instanceof Server))
    throw invalidArgType('server', 'a server of node:http, node:https or node:http2', server);
  const given = readOptions(options, optionNames);
  const { idleTimeoutMs = usualIdleTimeoutMs, upgraded = () => {}, upgradedTimeoutMs = usualUpgradedTimeoutMs } = given;
  const closing = new ClosingServer(server, {
    idleTimeoutMs: toTimeoutMs(idleTimeoutMs, 'options.idleTimeoutMs'),
    upgraded: toFunction(upgraded, 'options.upgraded'),
    upgradedTimeoutMs: toTimeoutMs(upgradedTimeoutMs, 'options.upgradedTimeoutMs'),
  });
  return {
    'stop-accepting': ({ signal }) => closing.stopAccepting(signal),
    drain: ({ signal }) => closing.drain(signal),
    [Symbol.dispose]: () => closing.dispose(),
  };
}
