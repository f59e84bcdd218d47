import type { Server } from 'node:net';

import { fs } from '../base/builtins.js';
import { checkResult, invalidArgType, outOfRange } from '../base/errors.js';
import { exchanged, native } from '../base/native.js';
import { readOptions } from '../base/options.js';
import {
  environmentNames,
  type EnvironmentOptions,
  notForThisProcess,
  numberIn,
  shown,
  takeVariables,
} from './environment.js';

/**
 * What a descriptor is: `'listener'` is a stream socket that listens, `'connection'` another stream socket (`Accept=yes`),
 * `'datagram'` a UDP or Unix datagram socket, `'other'` a message queue, a netlink socket and the like.
 */
export type InheritedKind = 'listener' | 'connection' | 'datagram' | 'fifo' | 'file' | 'device' | 'other';

/** A descriptor that the manager has opened, or kept, for this process. */
export interface InheritedDescriptor {
  readonly fd: number;
  /**
   * Of `FileDescriptorName=`, else of the `.socket` unit; or the name it was stored with, else `'stored'`. `'unknown'` if the
   * manager tells none.
   */
  readonly name: string;
  readonly kind: InheritedKind;
  /** Of a socket; null of all else. */
  readonly family: 'inet' | 'inet6' | 'unix' | null;
}

/** What there is, and why there is nothing. */
export type InheritedDescriptors = InheritedDescriptor[] & {
  /** For people; null if there is something. Not enumerable: else the list looks as any other. */
  readonly disabledBecause: string | null;
};

// The second, of which process it is by another number, comes from systemd 259 on.
const variableNames = ['LISTEN_PID', 'LISTEN_PIDFDID', 'LISTEN_FDS', 'LISTEN_FDNAMES'] as const;
const firstInherited = 3;
// socket(2)
const streamType = 1;
const datagramType = 2;

function familyOf(family: number): InheritedDescriptor['family'] {
  if (family === 1) return 'unix';
  if (family === 2) return 'inet';
  return family === 10 ? 'inet6' : null;
}

function socketKind(type: number, listens: boolean): InheritedKind {
  if (type === streamType) return listens ? 'listener' : 'connection';
  return type === datagramType ? 'datagram' : 'other';
}

function fileKind(fd: number): InheritedKind {
  const stat = fs.fstatSync(fd);
  if (stat.isFIFO()) return 'fifo';
  if (stat.isFile()) return 'file';
  return stat.isCharacterDevice() ? 'device' : 'other';
}

function take(fd: number, name: string): InheritedDescriptor {
  checkResult('fcntl', native().takeInherited(fd));
  const [family, type, listens] = [exchanged(0), exchanged(1), exchanged(2) !== 0];
  const kind = type === 0 ? fileKind(fd) : socketKind(type, listens);
  return { fd, name, kind, family: familyOf(family) };
}

/**
 * The descriptors that a manager has handed to this process (sd_listen_fds(3)): sockets of a `.socket` unit, and what an earlier
 * start has stored. Sets close-on-exec on each. Empty where LISTEN_PID is another process, or there is no manager; it says why.
 * @throws EBADF if the manager, or something before this call, has closed one; ERR_INVALID_ARG_TYPE
 */
export function listenDescriptors(options?: EnvironmentOptions): InheritedDescriptors {
  const variables = takeVariables(readOptions(options, environmentNames), variableNames);
  const { LISTEN_PID: pid, LISTEN_FDS: fds } = variables;
  const notOurs = notForThisProcess('LISTEN_PID', pid);
  if (notOurs !== null) return saying(notOurs, []);
  const count = numberIn(fds ?? '') ?? 0;
  const names = (variables.LISTEN_FDNAMES ?? '').split(':');
  const taken: InheritedDescriptor[] = [];
  for (let index = 0; index < count; index += 1) taken.push(take(firstInherited + index, names[index] || 'unknown'));
  return saying(count > 0 ? null : noneIn(fds), taken);
}

function noneIn(fds: string | undefined): string {
  const given = shown('LISTEN_FDS', fds);
  return fds === undefined || fds === '' ? given : `${given}: no number of descriptors`;
}

function saying(disabledBecause: string | null, taken: InheritedDescriptor[]): InheritedDescriptors {
  return Object.defineProperty(taken, 'disabledBecause', { value: disabledBecause }) as InheritedDescriptors;
}

/**
 * Has a server of `node:net`, `http`, `https` or `http2` accept connections on a `'listener'`. From then on it is the server's,
 * and closed with it; the manager keeps its own.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE (it is no listener)
 */
export function listenOn<S extends Server>(server: S, descriptor: InheritedDescriptor): S {
  if (typeof server !== 'object' || server === null || typeof server.listen !== 'function')
    throw invalidArgType('server', 'a server of node:net', server);
  if (typeof descriptor !== 'object' || descriptor === null)
    throw invalidArgType('descriptor', 'one of listenDescriptors()', descriptor);
  if (descriptor.kind !== 'listener') throw outOfRange('descriptor.kind', "'listener'", descriptor.kind);
  server.listen({ fd: descriptor.fd });
  return server;
}
