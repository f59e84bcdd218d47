import { toDescriptor } from '../../base/arguments.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { native, portable } from '../../base/native.js';
import { unsupportedHere } from '../../base/unsupported.js';
import { checkUnread, descriptorOf, type GivenStream } from './given-stream.js';
import { openEnd, type OurEnd } from './our-end.js';
import { StreamEnd } from './stream-end.js';

// native/posix/standard_io.h has the same numbers.
const nullDevice = -1;
const childReads = -2;
const childWrites = -3;
const bothWays = -4;

/** What the descriptors of a child are made from. */
export interface StandardIo {
  /** As the addon numbers it. */
  readonly sources: readonly number[];
  readonly given: readonly GivenStream[];
}

const words = "'pipe', 'inherit', 'ignore', a descriptor, or a stream that has one";

// What child_process takes besides.
const wordsOf: ReadonlyMap<string, string> = new Map([
  ['ipc', `${words}. For a channel, use fork() of node:child_process, or from 3 on 'pipe', which goes both ways`],
  ['overlapped', `${words}; 'pipe' is the same here`],
]);

function pipeAt(place: number): number {
  if (place === 0) return childReads;
  return place <= 2 ? childWrites : bothWays;
}

function sourceOf(entry: unknown, place: number, argument: string): number {
  if (entry === undefined || entry === null) return place <= 2 ? pipeAt(place) : nullDevice;
  if (typeof entry === 'number') return toDescriptor(entry, argument);
  if (typeof entry === 'object') {
    checkUnread(entry, canRead(place), argument);
    const fd = descriptorOf(entry);
    if (fd !== undefined) return fd;
    if (StreamEnd.is(entry) && !entry.destroyed)
      throw unsupportedHere(`a child's stream as "${argument}"`, "'pipe', and pipeline() between the two");
    throw invalidArgType(argument, words, entry);
  }
  if (entry === 'pipe') return pipeAt(place);
  if (entry === 'inherit') return place;
  if (entry === 'ignore') return nullDevice;
  if (typeof entry === 'string') throw outOfRange(argument, wordsOf.get(entry) ?? words, entry);
  throw invalidArgType(argument, words, entry);
}

// At 1 and 2 a child only writes, as a rule.
function canRead(place: number): boolean {
  return place === 0 || place > 2;
}

function givenIn(entries: readonly unknown[]): GivenStream[] {
  const streams = new Map<object, boolean>();
  for (const [place, entry] of entries.entries()) {
    if (typeof entry !== 'object' || entry === null) continue;
    streams.set(entry, canRead(place) || streams.get(entry) === true);
  }
  return Array.from(streams, ([stream, isRead]) => ({ stream, isRead }));
}

function nameAt(argument: string | readonly string[], place?: number): string {
  if (typeof argument !== 'string') return argument[place ?? 0] ?? 'options.stdio';
  return place === undefined ? argument : `${argument}[${place}]`;
}

/** Checks what `stdio` says of each descriptor of the child; `argument`: what that is called, or each of a list. */
export function toStandardIo(stdio: unknown, argument: string | readonly string[]): StandardIo {
  const entries: unknown = stdio ?? 'pipe';
  if (!Array.isArray(entries))
    return { sources: [0, 1, 2].map((place) => sourceOf(entries, place, nameAt(argument))), given: [] };
  const all: unknown[] = Array.from({ length: Math.max(3, entries.length) }, (_, place): unknown => entries[place]);
  return {
    sources: all.map((entry, place) => sourceOf(entry, place, nameAt(argument, place))),
    given: givenIn(all),
  };
}

/** Streams on our ends of the pipes, null where there is none. */
export function openStreams(sources: readonly number[], ends: readonly number[]): (OurEnd | null)[] {
  const left = [...ends];
  return sources.map((source) => {
    const fd = source <= childReads ? left.shift() : undefined;
    if (fd === undefined) return null;
    const stream = openEnd(fd, source !== childReads, source !== childWrites);
    if (portable === undefined) native().settle(fd);
    return stream;
  });
}
