import { Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { toFunction, toTimeoutMs } from '../../base/arguments.js';
import { invalidArgType } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { unsupportedHere } from '../../base/unsupported.js';
import type { HookContext } from '../types.js';
import { ClosingForeignServer, isForeignServer } from './foreign-server.js';
import { ClosingHttpServer, type HttpSettings } from './http.js';
import { ClosingPlainServer, type PlainSettings } from './net-server.js';
import { ServerGroup } from './server-group.js';

/** A server, or an application that has it, such as Fastify's. */
export type ServerOwner = Server | { readonly server: Server };

export interface CloseServerOptions {
  /**
   * HTTP: how long a kept-alive connection may have been idle: those that have been for longer are closed at once, others then.
   * A request that comes before is answered, with `Connection: close`. @default 1000
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * HTTP: tells the other side of an upgraded connection, a WebSocket, that it ends. Called for each when draining begins.
   * @default nobody is told
   */
  readonly upgraded?: ((socket: Duplex) => unknown) | undefined;
  /** HTTP: how long upgraded connections have from then on, before they are cut. @default 5000 */
  readonly upgradedTimeoutMs?: number | undefined;
  /**
   * A server of node:net or node:tls: tells the other side of a connection that it ends, or ends its own side, by `end()`.
   * Called for each when draining begins. @default nobody is told
   */
  readonly connected?: ((socket: Socket) => unknown) | undefined;
  /** A server of node:net or node:tls: how long connections have from then on, before they are cut. @default no limit */
  readonly connectedTimeoutMs?: number | undefined;
}

/** What `closeServer` makes of servers: to be given to `add()`. */
export type ServerCloser = {
  readonly 'stop-accepting': (context: HookContext) => Promise<void>;
  readonly drain: (context: HookContext) => Promise<void>;
  /** Lets go of the servers. The end of draining does it too. */
  [Symbol.dispose](): void;
};

type HttpOptions = Pick<CloseServerOptions, 'idleTimeoutMs' | 'upgraded' | 'upgradedTimeoutMs'>;
type PlainOptions = Pick<CloseServerOptions, 'connected' | 'connectedTimeoutMs'>;

const httpNames: OptionNames<HttpOptions> = { idleTimeoutMs: true, upgraded: true, upgradedTimeoutMs: true };
const plainNames: OptionNames<PlainOptions> = { connected: true, connectedTimeoutMs: true };
const usualIdleTimeoutMs = 1000;
const usualUpgradedTimeoutMs = 5000;

/**
 * Ends servers without losing what is under way. They stop listening. Of node:http, node:https or node:http2, connections are
 * closed as they become idle, requests under way are awaited, upgraded connections told and then cut. Of node:net or node:tls,
 * connections are told and awaited. What is left when its time is over is destroyed. Another server with the same
 * listener of `request` is ended with them. Knows connections from this call on: call it before the servers listen.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNKNOWN_OPTION
 */
export function closeServer(servers: ServerOwner | Iterable<ServerOwner>, options?: CloseServerOptions): ServerCloser {
  const given = toServers(servers);
  const { http, plain } = toSettings(options, given);
  const group = new ServerGroup(given, (server) => {
    if (isForeignServer(server)) return new ClosingForeignServer(server);
    return isHttp(server) ? new ClosingHttpServer(server, http) : new ClosingPlainServer(server, plain);
  });
  return {
    'stop-accepting': ({ signal }) => group.stopAccepting(signal),
    drain: ({ signal }) => group.drain(signal),
    [Symbol.dispose]: () => group.dispose(),
  };
}

function toServers(value: unknown): Server[] {
  const owners = isIterable(value) ? [...value] : [value];
  const servers = owners.map((owner) => (isServer(owner) ? owner : (owner as { server?: unknown } | null)?.server));
  if (servers.length === 0 || !servers.every(isServer))
    throw invalidArgType(
      'servers',
      'a server of node:net, node:tls, node:http, node:https or node:http2, or several',
      value,
    );
  return [...new Set(servers)];
}

function isServer(value: unknown): value is Server {
  return value instanceof Server || isForeignServer(value);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

// Those of node:http have the one, those of node:http2 the other.
function isHttp(server: Server): boolean {
  return 'closeIdleConnections' in server || 'updateSettings' in server;
}

function toSettings(
  options: CloseServerOptions | undefined,
  servers: readonly Server[],
): { http: HttpSettings; plain: PlainSettings } {
  const names = {
    ...(servers.some(isHttp) ? httpNames : {}),
    ...(servers.every(isHttp) ? {} : plainNames),
  } as OptionNames<CloseServerOptions>;
  const given = readOptions(options, names, (name) => {
    if (name in httpNames) return 'none of these servers is one of HTTP';
    return name in plainNames ? 'each of these servers is one of HTTP' : undefined;
  });
  if (servers.some(isForeignServer)) refuseIgnored(given);
  const { idleTimeoutMs = usualIdleTimeoutMs, upgraded = () => {}, upgradedTimeoutMs = usualUpgradedTimeoutMs } = given;
  const { connected = () => {}, connectedTimeoutMs } = given;
  return {
    http: {
      idleTimeoutMs: toTimeoutMs(idleTimeoutMs, 'options.idleTimeoutMs'),
      upgraded: once(toFunction(upgraded, 'options.upgraded')),
      upgradedTimeoutMs: toTimeoutMs(upgradedTimeoutMs, 'options.upgradedTimeoutMs'),
    },
    plain: {
      connected: toFunction(connected, 'options.connected'),
      connectedTimeoutMs: toTimeoutMs(connectedTimeoutMs, 'options.connectedTimeoutMs'),
    },
  };
}

function refuseIgnored(given: HttpOptions): void {
  for (const name of ['upgraded', 'upgradedTimeoutMs'] as const)
    if (given[name] !== undefined)
      throw unsupportedHere(`the option "${name}" of closeServer()`, 'a hook that ends these connections');
}

// One server may hand an upgraded connection on to another one, by its event: Fastify's second does.
function once(tell: (socket: Duplex) => unknown): (socket: Duplex) => unknown {
  const told = new WeakSet<Duplex>();
  return (socket) => {
    if (told.has(socket)) return undefined;
    told.add(socket);
    return tell(socket);
  };
}
