import type { Socket } from 'node:net';

import { toChoice } from '../../base/arguments.js';
import { abortError, invalidArgType, outOfRange } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { Signal } from '../../signals/names.js';
import { shortCommand } from './display.js';
import type { From } from './options.js';
import { LineQueue, type SourcedLine } from './lines.js';
import type { RunResult } from './result.js';
import { howItEnded, RunError } from './run-error.js';
import type { OpenOutput, Running } from './running.js';
import type { Settings } from './settings.js';
import type { Waiting } from './start.js';

export interface LinesOptions {
  /** @default 'stdout' */
  readonly from?: From | 'all' | undefined;
}

const lineOptions: OptionNames<LinesOptions> = { from: true };
const sources = ['stdout', 'stderr', 'all'] as const;
const constructing = Symbol('constructing');
const tailBytes = 2048;

type Source = (typeof sources)[number];

/** Of a run as a whole. */
export type RunSettings = Pick<Settings, 'command' | 'input' | 'encoding' | 'maxBuffer' | 'verbose' | 'reject'>;

function unhandled(): void {}

function tell(line: string): void {
  process.stderr.write(`sigkit: ${line}\n`);
}

/** A command that `run()` has started: to be awaited, or to be read line by line. */
export class Run<Result extends RunResult<string | Buffer> = RunResult>
  implements PromiseLike<Result>, AsyncIterable<string>, AsyncDisposable
{
  readonly #settings: RunSettings;
  readonly #result: Promise<Result>;
  #job: Running | undefined;
  #waiting: Waiting | undefined;

  /** @internal */
  constructor(key: symbol, settings: RunSettings, start: () => Running | Waiting) {
    if (key !== constructing) throw invalidArgType('new Run', 'replaced by a call of run()', undefined);
    this.#settings = settings;
    this.#result = this.#start(start);
  }

  /** @internal */
  static start<Result extends RunResult<string | Buffer>>(
    settings: RunSettings,
    start: () => Running | Waiting,
  ): Run<Result> {
    return new Run<Result>(constructing, settings, start);
  }

  /** Undefined if it has not been started. */
  get pid(): number | undefined {
    return this.#job?.pid;
  }

  /** With `stdin: 'pipe'`: what the command reads. */
  get stdin(): Socket | null {
    return this.#settings.input === undefined ? (this.#job?.stdin ?? null) : null;
  }

  /**
   * Sends a signal to the command itself; 0 only checks.
   * @returns false if it has ended, or was never started
   * @throws EPERM, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  kill(sig: Signal = 'SIGTERM'): boolean {
    return this.#job?.kill(sig) ?? false;
  }

  /** As of a promise. */
  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((result: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    // oxlint-disable-next-line typescript/no-explicit-any -- as Promise has it
    onRejected?: ((error: any) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#result.then(onFulfilled, onRejected);
  }

  /** As of a promise. */
  catch<Rejected = never>(
    // oxlint-disable-next-line typescript/no-explicit-any -- as Promise has it
    onRejected?: ((error: any) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Result | Rejected> {
    return this.#result.catch(onRejected);
  }

  /** As of a promise. */
  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.#result.finally(onFinally);
  }

  /**
   * What it writes, line by line, instead of in the result. It is held up while nobody fetches them. Leaving the loop ends the
   * command, in its scope; its failure is thrown at the end of the lines.
   * @throws ERR_OUT_OF_RANGE if that is no pipe, or is read already; ERR_INVALID_ARG_TYPE, ERR_SIGKIT_UNKNOWN_OPTION
   */
  lines(options: LinesOptions & { readonly from: 'all' }): AsyncIterableIterator<SourcedLine, undefined, undefined>;
  lines(options?: LinesOptions): AsyncIterableIterator<string, undefined, undefined>;
  lines(options?: LinesOptions): AsyncIterableIterator<unknown, undefined, undefined> {
    const { from } = readOptions(options, lineOptions);
    const source = from === undefined ? 'stdout' : (sources[toChoice(from, 'options.from', sources)] ?? 'stdout');
    this.#result.catch(unhandled);
    return this.#iterate(this.#job === undefined ? undefined : this.#queueOf(this.#job, source), source);
  }

  /** The lines of its stdout. */
  [Symbol.asyncIterator](): AsyncIterableIterator<string, undefined, undefined> {
    return this.lines();
  }

  /** Ends it, in its scope, and waits for its end. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting?.cancel();
    this.#job?.end('disposed');
    await this.#result.catch(unhandled);
  }

  async *#iterate(
    opened: LineQueue | undefined,
    source: Source,
  ): AsyncGenerator<string | SourcedLine, undefined, undefined> {
    let isOver = false;
    let queue = opened;
    try {
      queue ??= this.#queueOf(await this.#started(), source);
      for (let line = await queue.next(); line !== null; line = await queue.next())
        yield source === 'all' ? line : line.text;
      isOver = true;
    } finally {
      if (!isOver) {
        queue?.close();
        await this[Symbol.asyncDispose]();
      }
    }
    await this.#result;
    return undefined;
  }

  #queueOf({ outputs }: Running, source: Source): LineQueue {
    const { encoding, maxBuffer } = this.#settings;
    const open = outputs.filter(({ from }) => source === from || source === 'all');
    const isFree = ({ isKept, output }: OpenOutput): boolean => isKept && !output.isRead;
    const needed = source === 'all' ? ['stdout', 'stderr'] : [source];
    if (!open.every(isFree) || !needed.every((name) => open.some(({ from }) => from === name)))
      throw outOfRange('options.from', 'an output that is a pipe, and that nobody reads yet', source);
    return new LineQueue(open, encoding === 'bytes' ? 'utf8' : encoding, maxBuffer);
  }

  // What could not be started has failed with that.
  async #started(): Promise<Running> {
    if (this.#waiting !== undefined) return this.#waiting.ready;
    await this.#result;
    throw abortError(undefined);
  }

  // Up to the first wait it runs at once.
  async #start(start: () => Running | Waiting): Promise<Result> {
    const started = start();
    if (!('result' in started)) this.#waiting = started;
    const job = 'result' in started ? started : await started.ready;
    this.#job = job;
    const { verbose, reject, command } = this.#settings;
    if (verbose) tell(`${job.pid} $ ${shortCommand(command)}`);
    // By `encoding`: who has made it knows the type.
    const result = (await job.result) as Result;
    if (verbose)
      tell(`${result.pid} ${howItEnded(result)} in ${Math.round(result.durationMs)} ms: ${shortCommand(command)}`);
    if (!result.ok && reject) throw new RunError(result, job.kept.tail('stderr', tailBytes));
    return result;
  }
}
