import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

import { toDescriptor } from '../../base/arguments.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { native } from '../../base/native.js';

/** Something with an open file behind it: a `net.Socket`, an `fs.WriteStream` that is open, `process.stdout`. */
export interface DescriptorStream {
  readonly fd?: number | null;
}

/** What one descriptor of a child is; null and undefined are the default of its place. */
export type StdioEntry =
  | 'pipe'
  | 'inherit'
  | 'ignore'
  | number
  | Readable
  | Writable
  | DescriptorStream
  | null
  | undefined;

/** As `child_process` has it: one for all three, or a list by descriptor. */
export type Stdio = 'pipe' | 'inherit' | 'ignore' | readonly StdioEntry[];

/** Our end of a pipe: what is written to a child, what is read from it, or both from descriptor 3 on. */
export type StdioStream = Socket | null;

// native/posix/standard_io.h has the same numbers.
const nullDevice = -1;
const childReads = -2;
const childWrites = -3;
const bothWays = -4;

const words = "'pipe', 'inherit', 'ignore', a descriptor, or a stream that has one";

function pipeAt(place: number): number {
  if (place === 0) return childReads;
  return place <= 2 ? childWrites : bothWays;
}

function descriptorOf(stream: object): unknown {
  if ('fd' in stream) return stream.fd;
  const { _handle: handle } = stream as { readonly _handle?: { readonly fd?: unknown } | null };
  return handle?.fd;
}

function sourceOf(entry: unknown, place: number, argument: string): number {
  if (entry === undefined || entry === null) return place <= 2 ? pipeAt(place) : nullDevice;
  if (typeof entry === 'number') return toDescriptor(entry, argument);
  if (typeof entry === 'object') {
    const fd = descriptorOf(entry);
    if (typeof fd === 'number' && fd >= 0) return fd;
    throw invalidArgType(argument, words, entry);
  }
  if (entry === 'pipe') return pipeAt(place);
  if (entry === 'inherit') return place;
  if (entry === 'ignore') return nullDevice;
  if (typeof entry === 'string') throw outOfRange(argument, words, entry);
  throw invalidArgType(argument, words, entry);
}

/** What each descriptor of the child is made from, as the addon numbers it. */
export function toSources(stdio: unknown, argument: string): number[] {
  const entries: unknown = stdio ?? 'pipe';
  if (!Array.isArray(entries)) return [0, 1, 2].map((place) => sourceOf(entries, place, argument));
  const all = entries.length < 3 ? [...entries, ...Array<undefined>(3 - entries.length)] : entries;
  return Array.from(all, (entry: unknown, place) => sourceOf(entry, place, `${argument}[${place}]`));
}

/** Streams on our ends of the pipes, null where there is none. */
export function openStreams(sources: readonly number[], ends: readonly number[]): StdioStream[] {
  const left = [...ends];
  return sources.map((source) => {
    const fd = source <= childReads ? left.shift() : undefined;
    if (fd === undefined) return null;
    const stream = new Socket({ fd, readable: source !== childReads, writable: source !== childWrites });
    native().settle(fd);
    return stream;
  });
}
