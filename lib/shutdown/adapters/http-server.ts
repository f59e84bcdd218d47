import type { Cluster } from 'node:cluster';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';

import { native } from '../../base/native.js';
import { shadow } from '../../base/shadow.js';

// What node:http does by itself, and a shutdown that loses nothing cannot have.

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/** A server of HTTP/2 alone has neither. */
export function asHttp(server: Server): Partial<Pick<HttpServer, 'closeIdleConnections' | 'closeAllConnections'>> {
  return server as Partial<HttpServer>;
}

/** Stops listening; resolves when all connections have ended. */
export function closeListener(server: Server): Promise<void> {
  // Also if it was not listening: that is no failure of a shutdown.
  return new Promise((resolve) => void server.close(() => resolve()));
}

/**
 * Keeps the idle connections from whoever closes the server, now or while it drains: close() of node:http would destroy what is
 * idle in this instant, with the requests that are on their way to it. @returns what ends it
 */
function keepIdle(server: Server): () => void {
  return 'closeIdleConnections' in server ? shadow(server, 'closeIdleConnections', () => {}) : () => {};
}

/**
 * Keeps requests from the service that come on a connection after the response that says `Connection: close`: node:http would
 * hand them out, and never send an answer (RFC 9112, section 9.6). Meanwhile nobody closes idle connections but this module's
 * users. @returns what ends it
 */
export function withholdRequests(server: Server, isOver: (socket: Socket) => boolean): () => void {
  const taking = new Set<string | symbol>(['request', 'checkContinue', 'checkExpectation', 'upgrade', 'connect']);
  const emit: Emit = server.emit.bind(server);
  const restoreClose = keepIdle(server);
  const restoreEmit = shadow(server, 'emit', ((event, ...args) => {
    const [request] = args as [IncomingMessage | undefined];
    return request !== undefined && taking.has(event) && isOver(request.socket) ? true : emit(event, ...args);
  }) satisfies Emit);
  return () => {
    restoreEmit();
    restoreClose();
  };
}

interface Listener {
  readonly _handle?: { readonly fd?: number } | null;
  readonly _connectionKey?: string;
}

// Not one that it was given, which may be another process's too: its key names no family of addresses.
function ownListener(server: Server): number | null {
  const { _handle: handle, _connectionKey: key } = server as Listener;
  const { isWorker } = process.getBuiltinModule('node:cluster') as unknown as Cluster;
  const isOwn = /^[46]:/.test(key ?? '') && !isWorker;
  return isOwn ? (handle?.fd ?? null) : null;
}

/**
 * Has the kernel make no new connections for the server, without resetting those that it has made and the server has not
 * accepted, as the end of listening does. Who asks meanwhile asks again a second later. Does nothing where it cannot: for a
 * socket that is no TCP socket, or not the server's own. @returns what is to be called when it has stopped listening
 */
export async function ignoreNewcomers(server: Server): Promise<() => void> {
  const fd = ownListener(server);
  const kept = fd === null ? -1 : native().ignoreConnections(fd);
  // The socket may have been sent to another process, which listens on.
  return () => void (kept < 0 || native().closeIgnoringListener(kept));
}
