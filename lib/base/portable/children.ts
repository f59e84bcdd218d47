import type { Duplex, Readable, Writable } from 'node:stream';

import { unsupportedHere } from '../unsupported.js';
import type { Failure } from './find-program.js';
import type { OwnGroups } from './own-groups.js';
import { type Running, startChild, type Wanted } from './start-child.js';

/** What the runtime has at our end of a pipe. */
export type PipeStream = Readable | Writable | Duplex;

interface Child {
  readonly leads: boolean;
  /** As wait(2) encodes it, once it has ended. */
  status: number | undefined;
  isWatched: boolean;
}

/** What starts a child, beside what is asked for. */
export interface ChildrenOptions {
  readonly groups: OwnGroups;
  readonly signals: Readonly<Record<string, number>>;
  /** Some that are watched have ended: `takeExited` tells which. */
  wake(): void;
}

/** The children that the runtime's child_process has started for us, and reaps. */
export class Children {
  readonly #options: ChildrenOptions;
  readonly #children = new Map<number, Child>();
  readonly #streams = new Map<number, PipeStream>();
  #exited: number[] = [];
  #nextStream = 0;

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /** Its pid, then numbers of streams for `takeStream`, one for each pipe. */
  start(wanted: Wanted): readonly number[] | Failure {
    const running = startChild(wanted);
    if (!('pid' in running)) return running;
    const { pid } = running;
    const streams = wanted.stdio.flatMap((entry, place) => (entry === 'pipe' ? [streamAt(running, place)] : []));
    const child: Child = { leads: wanted.leads, status: undefined, isWatched: false };
    this.#children.set(pid, child);
    if (wanted.leads) this.#options.groups.add(pid);
    // Who keeps this process alive for it is decided elsewhere.
    running.unref();
    running.once('exit', (code, signal) => this.#onExit(pid, child, this.#statusOf(code, signal)));
    return [pid, ...streams.map((stream) => this.#keep(stream))];
  }

  takeStream(number: number): PipeStream | undefined {
    const stream = this.#streams.get(number);
    this.#streams.delete(number);
    return stream;
  }

  isKnown(pid: number): boolean {
    return this.#children.has(pid);
  }

  leads(pid: number): boolean {
    return this.#children.get(pid)?.leads === true;
  }

  /** Undefined while it runs, or of no child of ours. */
  statusOf(pid: number): number | undefined {
    return this.#children.get(pid)?.status;
  }

  watch(pid: number): void {
    const child = this.#children.get(pid);
    if (child === undefined) return;
    child.isWatched = true;
    if (child.status !== undefined) setImmediate(() => this.#tell(pid, child));
  }

  takeExited(limit: number): number[] {
    return this.#exited.splice(0, limit);
  }

  forget(pid: number): void {
    this.#children.delete(pid);
  }

  #keep(stream: PipeStream): number {
    const number = this.#nextStream;
    this.#nextStream += 1;
    this.#streams.set(number, stream);
    return number;
  }

  #statusOf(code: number | null, signal: NodeJS.Signals | null): number {
    return signal === null ? ((code ?? 0) & 0xff) << 8 : (this.#options.signals[signal] ?? 0);
  }

  #onExit(pid: number, child: Child, status: number): void {
    child.status = status;
    if (child.leads) this.#options.groups.leaderHasEnded(pid);
    this.#tell(pid, child);
  }

  #tell(pid: number, child: Child): void {
    if (!child.isWatched) return;
    child.isWatched = false;
    this.#exited.push(pid);
    this.#options.wake();
  }
}

// For the first three, what has a name: the list is not everywhere the same.
function streamAt(running: Running, place: number): PipeStream {
  const named = [running.stdin, running.stdout, running.stderr][place];
  const stream = named ?? running.stdio[place];
  if (stream != null) return stream;
  running.kill('SIGKILL');
  throw unsupportedHere(`a pipe at descriptor ${place} of a child`, 'a file');
}
