import type { Readable, Writable } from 'node:stream';

import type { OptionNames } from '../../base/options.js';
import type { Signal } from '../../signals/names.js';
import { optionNames as spawnOptionNames, type SpawnOptions } from '../spawn/spawn-request.js';
import type { DescriptorStream } from '../spawn/stdio-types.js';

/**
 * Who is ended by a time-out, an abort and disposal: the command alone, its process group, all that descends from it
 * (`terminateTree`), or with 'contained' all that it has started, also when it ends by itself, or this process does in whatever
 * way: docs/contain.md.
 */
export type RunScope = 'process' | 'group' | 'tree' | 'contained';

/** One of its outputs. */
export type From = 'stdout' | 'stderr';

/** A file that output goes to. */
export interface FileSink {
  /** A relative one is one of this process's directory, not of `cwd`. */
  readonly path: string | URL;
  /** @default false: what is there is replaced */
  readonly append?: boolean | undefined;
  /** Of a file that is made. @default 0o666, without the umask */
  readonly mode?: number | undefined;
}

/** A place that output goes to. 'pipe': the result, or `lines()`. Streams are not ended. */
export type Sink = 'pipe' | 'ignore' | 'inherit' | number | Writable | DescriptorStream | FileSink;

/** What is written to the command: `input` of `RunOptions`. */
export type Input = string | Uint8Array | Readable | ReadableStream | Iterable<unknown> | AsyncIterable<unknown>;

export interface RunOptions extends Omit<SpawnOptions, 'signal' | 'stdio' | 'terminal' | 'parentDeathSignal'> {
  /** 'pipe' is for `run(…).stdin`. @default 'ignore', which is /dev/null; with `input` a pipe */
  readonly stdin?: 'pipe' | 'ignore' | 'inherit' | number | Readable | DescriptorStream | undefined;
  /** What the command reads; that it does not read all of it is no failure. */
  readonly input?: Input | undefined;
  /** One place, or several at once. @default 'pipe' */
  readonly stdout?: Sink | readonly Sink[] | undefined;
  /** @default 'pipe' */
  readonly stderr?: Sink | readonly Sink[] | undefined;
  /** Looks for the program in `node_modules/.bin` first: of `cwd`, or of the directory given, and its parents. @default false */
  readonly preferLocal?: boolean | string | URL | undefined;
  /**
   * Has a shell read `file` as its command line: /bin/sh, or the one named. `args` are its parameters, `"$1"` and so on. What is
   * put into the text of `file` is executed: never put there what comes from elsewhere. @default false
   */
  readonly shell?: boolean | string | undefined;
  /** Ends it after that time. @default Infinity */
  readonly timeoutMs?: number | undefined;
  /** What ends it. @default 'SIGTERM' */
  readonly sig?: Signal | undefined;
  /** How long it has after `sig` before SIGKILL. @default 5000 */
  readonly graceMs?: number | undefined;
  /** @default 'group', a new one; 'process' where `processGroup` says otherwise */
  readonly scope?: RunScope | undefined;
  /** Bytes of stdout, and of stderr, that the result has at most. @default 104857600 */
  readonly maxBuffer?: number | undefined;
  /** What becomes of a command that writes more: its rest is left out of the result, or it is ended. @default 'truncate' */
  readonly onMaxBuffer?: 'truncate' | 'end' | undefined;
  /** Of the output in the result: text, or with 'bytes' Buffers. @default 'utf8' */
  readonly encoding?: BufferEncoding | 'bytes' | undefined;
  /** @default true */
  readonly stripFinalNewline?: boolean | undefined;
  /** How long others who hold its pipes are waited for when the command has ended. @default 1000 */
  readonly lateOutputMs?: number | undefined;
  /** Whether a failure rejects, with a `RunError`. @default true */
  readonly reject?: boolean | undefined;
  /** Ends it when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** What the command gets when the thread that started it ends (prctl(2)); null for none. @default 'SIGTERM' */
  readonly parentDeathSignal?: Signal | null | undefined;
  /** Tells of each start and end, a line on stderr. @default whether SIGKIT_VERBOSE is 1 */
  readonly verbose?: boolean | undefined;
}

/** What run() has beyond the options of spawn(). */
type Own = Omit<RunOptions, keyof SpawnOptions> & Pick<RunOptions, 'signal' | 'parentDeathSignal'>;

const ownNames: OptionNames<Own> = {
  stdin: true,
  input: true,
  stdout: true,
  stderr: true,
  preferLocal: true,
  shell: true,
  timeoutMs: true,
  sig: true,
  graceMs: true,
  scope: true,
  maxBuffer: true,
  onMaxBuffer: true,
  encoding: true,
  stripFinalNewline: true,
  lateOutputMs: true,
  reject: true,
  signal: true,
  parentDeathSignal: true,
  verbose: true,
};

const { stdio: _stdio, terminal: _terminal, ...handedOn } = spawnOptionNames;

export const optionNames: OptionNames<RunOptions> = { ...handedOn, ...ownNames };

/** Those of spawn() that are handed on as they are. */
export const handedOnNames: readonly string[] = Object.keys(handedOn).filter((name) => !Object.hasOwn(ownNames, name));

/** What does here what an option of child_process or execa that run() does not have does there. */
export function runHint(name: string): string | undefined {
  const hints: ReadonlyMap<string, string> = new Map([
    ['terminal', 'spawn() has it'],
    ['stdio', 'Each by itself: stdin, stdout, stderr'],
    ['timeout', 'Did you mean "timeoutMs"?'],
    ['killSignal', 'Did you mean "sig"?'],
    ['forceKillAfterDelay', 'Did you mean "graceMs"?'],
    ['cancelSignal', 'Did you mean "signal"?'],
    ['localDir', 'preferLocal takes the directory'],
    ['detached', 'For a session of its own: session: true'],
    ['cleanup', 'parentDeathSignal: null leaves the command to itself when this process ends'],
    ['extendEnv', 'env is the whole environment: { ...process.env, NAME: value }'],
    ['all', 'The result always has it'],
    ['lines', 'lines(), or for await (const line of run(…))'],
    ['buffer', "What lines() reads is not collected; stdout: 'ignore' collects nothing"],
    ['inputFile', 'input: createReadStream(path), or as stdin a descriptor'],
  ]);
  return hints.get(name);
}
