import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server, type Socket } from 'node:net';

// Published once a server listens, before it has a connection. Where Node has no such channel, nothing is.
const channel = 'tracing:net.server.listen:asyncEnd';

// Those that an adapter ends, each with what is called when another one takes it.
const claims = new WeakMap<Server, () => void>();

/** An adapter sees to its end. `onTaken` is called when another one does so from now on. @returns what ends the claim */
export function claim(server: Server, onTaken: () => void = () => {}): () => void {
  const earlier = claims.get(server);
  claims.set(server, onTaken);
  earlier?.();
  return () => {
    if (claims.get(server) === onTaken) claims.delete(server);
  };
}

export function isClaimed(server: Server): boolean {
  return claims.has(server);
}

/** Tells of each server that begins to listen. @returns what ends it */
export function watchListening(onListening: (server: Server) => void): () => void {
  const onMessage = (message: unknown): void => {
    const { server } = message as { readonly server?: unknown };
    if (server instanceof Server) onListening(server);
  };
  subscribe(channel, onMessage);
  return () => void unsubscribe(channel, onMessage);
}

type ServerSocket = Socket & { readonly server?: unknown };
type HttpSocket = Socket & { readonly _httpMessage?: object | null };

// Those that keep the process alive. Undocumented, and there in every Node: getActiveResourcesInfo() has only their kinds.
function activeHandles(): readonly unknown[] {
  const { _getActiveHandles: list } = process as { readonly _getActiveHandles?: () => readonly unknown[] };
  return list?.call(process) ?? [];
}

function socketsOfServers(): ServerSocket[] {
  return activeHandles().filter(
    (handle): handle is ServerSocket => (handle as ServerSocket | null)?.server instanceof Server,
  );
}

/** Those that listen, but unreferenced ones, and those of a worker of node:cluster, for which the primary listens. */
export function listeningServers(): Server[] {
  return activeHandles().filter((handle): handle is Server => handle instanceof Server && handle.listening);
}

/** Connections that a server has accepted, also before anybody watched it. */
export function socketsOf(server: Server): Socket[] {
  return socketsOfServers().filter((socket) => socket.server === server);
}

/** Where those listen that no adapter ends, or have a request under way. */
export function unattended(): string[] {
  const servers = new Set([...listeningServers(), ...busyServers()]);
  return [...servers].filter((server) => !isClaimed(server)).map(addressOf);
}

/** How many of them have a request of HTTP/1 under way: in the end its client sees a reset. */
export function cutOff(): number {
  return busyServers().filter((server) => !isClaimed(server)).length;
}

function busyServers(): Server[] {
  const servers = new Set([...listeningServers(), ...socketsOfServers().map(({ server }) => server as Server)]);
  return [...servers].filter((server) => httpSocketsOf(server).some(isBusy));
}

interface Parser {
  readonly socket?: HttpSocket | null;
}

// With TLS, the socket of a request is none that a handle leads to: node:http has it in a list of its own.
function httpSocketsOf(server: Server): HttpSocket[] {
  const key = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'http.server.connections');
  const list = key === undefined ? undefined : (Reflect.get(server, key) as { all?: () => Parser[] } | undefined);
  return list?.all?.().flatMap(({ socket }) => socket ?? []) ?? [];
}

// An answer of node:http that has not been sent in full.
function isBusy({ _httpMessage: message }: HttpSocket): boolean {
  return message !== undefined && message !== null;
}

// As in a URL; the path of a local socket.
function addressOf(server: Server): string {
  const address = knownAddress(server);
  if (address === null)
    return server.listening ? 'a server of unknown address' : 'a closed server with requests under way';
  if (typeof address === 'string') return address;
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}

// Node knows no path of a local socket that it was given as a descriptor, and throws what getsockname(2) says.
function knownAddress(server: Server): ReturnType<Server['address']> {
  try {
    return server.address();
  } catch {
    return null;
  }
}
