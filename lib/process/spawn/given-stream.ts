import { SigkitError } from '../../base/errors.js';
import { isOurEnd, setGiven } from './our-end.js';
import { StreamEnd } from './stream-end.js';

/** A stream that becomes a descriptor of a child. */
export interface GivenStream {
  readonly stream: object;
  /** Whether the child may read from it: at 0, and from 3 on. */
  readonly isRead: boolean;
}

// What Node's streams have that says how they stand with what they read.
interface Reading {
  readonly _handle?: Handle | null;
  readonly _readableState?: { reading: boolean };
  readonly readableLength?: number;
  readonly readableFlowing?: boolean | null;
  pause?(): unknown;
  read?(size: number): unknown;
}

interface Handle {
  readonly fd?: unknown;
  reading?: boolean;
  readStop?(): number;
}

// Handles on a plain descriptor. TLSWrap has one too, on which everything is encrypted.
const plainHandles: readonly string[] = ['Pipe', 'TCP', 'TTY', 'UDP'];

// What Node knows it by.
function nodesOwn(stream: object): object {
  return StreamEnd.is(stream) ? StreamEnd.innerOf(stream) : stream;
}

function handleOf(stream: object): Handle | undefined {
  const { _handle: handle } = nodesOwn(stream) as Reading;
  return handle != null && plainHandles.includes(handle.constructor?.name) ? handle : undefined;
}

/** What `fd` says, or the descriptor behind a handle of Node; undefined where there is none. */
export function descriptorOf(stream: object): number | undefined {
  const fd: unknown = 'fd' in stream ? stream.fd : handleOf(stream)?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

/** @throws ERR_SIGKIT_READ_AHEAD if this process has taken from it what the child would miss */
export function checkUnread(stream: object, isRead: boolean, argument: string): void {
  const lengths = [...new Set([stream, nodesOwn(stream)])].map((one) => (one as Reading).readableLength ?? 0);
  const readableLength = lengths.reduce((sum, length) => sum + length);
  if (!isRead || readableLength === 0 || 'fd' in stream) return;
  throw new SigkitError(
    'ERR_SIGKIT_READ_AHEAD',
    `Of "${argument}", this process has read already what the child would miss (${readableLength} in its buffer)`,
  );
}

// How many children have it now.
const holders = new WeakMap<object, number>();

/**
 * This process stops reading from it, as Node's does from what it gives to a child: until somebody resumes it. What the child
 * may read is left to it for as long as it runs: it is also resumed by whom nobody has asked (child_process, when the
 * process at the other end has ended).
 */
function stopReading({ stream, isRead }: GivenStream, isHeld: boolean): void {
  const given = nodesOwn(stream) as Reading;
  const handle = handleOf(stream);
  // With `fd` it is a plain descriptor to Node, which goes on reading: process.stdin.
  if (handle?.readStop === undefined || 'fd' in stream) return;
  handle.reading = false;
  handle.readStop();
  // A stream that waits for what it has asked for does not ask again.
  if (given._readableState !== undefined) given._readableState.reading = isRead || isHeld;
  given.pause?.();
}

function readAgain(stream: object): void {
  const given = nodesOwn(stream) as Reading;
  if (given._readableState === undefined || handleOf(stream)?.readStop === undefined || 'fd' in stream) return;
  given._readableState.reading = false;
  if (given.readableFlowing === true) given.read?.(0);
}

/** A child has them now, until `takeBack`. What a listener of 'pause' throws is thrown. */
export function give(streams: readonly GivenStream[]): void {
  const held = streams.filter(({ stream }) => (holders.get(stream) ?? 0) > 0);
  for (const { stream } of streams) {
    holders.set(stream, (holders.get(stream) ?? 0) + 1);
    if (isOurEnd(stream)) setGiven(stream, true);
  }
  for (const given of streams) stopReading(given, held.includes(given));
}

/** That child has ended. */
export function takeBack(streams: readonly GivenStream[]): void {
  for (const { stream } of streams) {
    const left = (holders.get(stream) ?? 1) - 1;
    holders.set(stream, left);
    if (left > 0) continue;
    readAgain(stream);
    if (isOurEnd(stream)) setGiven(stream, false);
  }
}
