import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

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

type Standard = '0' | '1' | '2';

// Of a union, what each of its members makes: 'pipe' | 'ignore' may be a stream.
type StreamOf<Entry, Place> = Entry extends 'pipe'
  ? Socket
  : Entry extends null | undefined
    ? Place extends Standard
      ? Socket
      : null
    : null;

type StreamsOf<Entries extends readonly StdioEntry[]> = {
  readonly [Place in keyof Entries]: StreamOf<Entries[Place], Place>;
};

/** What a child of that `stdio` has at 0, 1 or 2: a stream, none, or not to be told. */
export type StreamAt<Given extends Stdio | undefined, Place extends Standard> = Given extends readonly StdioEntry[]
  ? number extends Given['length']
    ? StdioStream
    : StreamOf<Place extends keyof Given ? Given[Place] : undefined, Place>
  : StreamOf<Given, Place>;

/** All streams of a child of that `stdio`, by descriptor. */
export type StreamsBy<Given extends Stdio | undefined> = Given extends readonly [
  StdioEntry,
  StdioEntry,
  StdioEntry,
  ...StdioEntry[],
]
  ? StreamsOf<Given>
  : Given extends readonly StdioEntry[]
    ? readonly StdioStream[]
    : readonly [StreamAt<Given, '0'>, StreamAt<Given, '1'>, StreamAt<Given, '2'>];
