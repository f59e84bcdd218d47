import { setTimeout as delay } from 'node:timers/promises';

import { fs } from '../../base/builtins.js';

type Name = 'stdout' | 'stderr';

const names: readonly Name[] = ['stdout', 'stderr'];
const descriptors: Readonly<Record<Name, number>> = { stdout: 1, stderr: 2 };
// Node makes each stream when somebody asks for it.
const makers = { stdout: getterOf('stdout'), stderr: getterOf('stderr') };
// No event tells when a stream has written what did not fill its buffer, and `write` may be somebody else's by now. Who waits
// for long is looked at less often.
const looksMs = { first: 1, longest: 16, partOfWait: 16 };

/** What a stream of the process has, if it is one: somebody may have put anything in its place. */
interface Output {
  readonly writableLength?: unknown;
  readonly destroyed?: unknown;
  readonly fd?: unknown;
}

/** Who has gone away is an error now that would have come after the exit: from here on it is none. */
export function expectNoReaders(): void {
  if (pendingOutput().length === 0) return;
  for (const name of names) withOutput(name, (stream) => void (stream as NodeJS.WriteStream).on('error', () => {}));
}

/**
 * Waits until all that stdout and stderr have been given has been written, or nobody will read it any more, or the time is over.
 * Never rejects.
 * @param waiting gets the names of those for which it waits, if there are any
 * @returns the names of those that have not been written
 */
export async function outputWritten(
  limitMs: number,
  waiting: (streams: readonly Name[]) => void,
): Promise<readonly Name[]> {
  const beganAt = performance.now();
  let pending = pendingOutput();
  if (pending.length > 0) {
    waiting(pending);
    expectNoReaders();
    for (const name of names) withOutput(name, (stream) => uncork(stream as NodeJS.WriteStream));
  }
  for (let waitedMs = 0; pending.length > 0 && waitedMs < limitMs; waitedMs = performance.now() - beganAt) {
    await delay(Math.min(Math.max(looksMs.first, waitedMs / looksMs.partOfWait), looksMs.longest));
    pending = pendingOutput();
  }
  return pending;
}

// Nobody else is left to do it, and what it holds back would never be written.
function uncork(stream: NodeJS.WriteStream): void {
  for (let corks = stream.writableCorked; corks > 0; corks -= 1) stream.uncork();
}

function pendingOutput(): readonly Name[] {
  return names.filter((name) => withOutput(name, isPending) === true);
}

function isPending({ writableLength, destroyed, fd }: Output): boolean {
  if (typeof writableLength !== 'number' || !(writableLength > 0) || destroyed === true) return false;
  // A descriptor that somebody has closed is never ready: fstat(2) fails.
  if (typeof fd === 'number') fs.fstatSync(fd);
  return true;
}

function getterOf(name: Name): unknown {
  // oxlint-disable-next-line typescript/unbound-method -- it is only compared
  return Object.getOwnPropertyDescriptor(process, name)?.get;
}

// Who asks for the stream of a pipe or a socket has Node make that non-blocking: an 'exit' listener that writes to it itself
// would lose what there is no room for.
function isMade(name: Name): boolean {
  if (getterOf(name) !== makers[name]) return true;
  const fd = descriptors[name];
  const stat = fs.fstatSync(fd);
  return !(stat.isFIFO() || stat.isSocket()) || !isBlocking(fd);
}

// Not known to be where /proc does not tell.
function isBlocking(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & fs.constants.O_NONBLOCK) === 0;
  } catch {
    return false;
  }
}

// Also to ask for it may fail.
function withOutput<R>(name: Name, use: (stream: Output) => R): R | undefined {
  try {
    return isMade(name) ? use(process[name]) : undefined;
  } catch {
    return undefined;
  }
}
