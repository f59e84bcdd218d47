import { portable } from '../../base/native.js';
import { PipeEnd } from './pipe-end.js';
import { StreamEnd } from './stream-end.js';

/** Our end of a pipe to a child: of the addon's, or of child_process. */
export type OurEnd = PipeEnd | StreamEnd;

/** What the backend has told of as `end`. */
export function openEnd(end: number, readable: boolean, writable: boolean): OurEnd | null {
  if (portable === undefined) return new PipeEnd(end, readable, writable);
  const stream = portable.takeStream(end);
  return stream === undefined ? null : new StreamEnd(stream, readable, writable);
}

export function isOurEnd(value: object): value is OurEnd {
  return PipeEnd.is(value) || StreamEnd.is(value);
}

/**
 * Resolves once the child has ended and what it, and who else had the pipe, has written is with its reader; without a reader,
 * in the buffer. At once for one that has been given to another child.
 */
export function come(end: OurEnd): Promise<void> {
  return PipeEnd.is(end) ? PipeEnd.come(end) : StreamEnd.come(end);
}

export function childHasEnded(end: OurEnd): void {
  if (PipeEnd.is(end)) PipeEnd.childHasEnded(end);
  else StreamEnd.childHasEnded(end);
}

export function setGiven(end: OurEnd, isGiven: boolean): void {
  if (PipeEnd.is(end)) PipeEnd.setGiven(end, isGiven);
  else StreamEnd.setGiven(end, isGiven);
}
