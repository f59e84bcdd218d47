import { fs } from '../base/builtins.js';
import { isMainThread, loadError, native } from '../base/native.js';
import { numbersIn } from '../base/signal-numbers.js';
import { refusalOf } from './claimable.js';
import { nameOf } from './names.js';
import { maskOf } from './signal-mask.js';

const variables = {
  pipe: 'SIGKIT_INIT_HOLD_FD',
  inode: 'SIGKIT_INIT_HOLD_INODE',
  original: 'SIGKIT_INIT_ORIGINAL',
} as const;

function takeVariable(name: string): string | undefined {
  const value = process.env[name];
  if (value !== undefined) delete process.env[name];
  return value;
}

// Field 22 of proc(5): with the pid it names a process for good. What is told to this one, a grandchild inherits.
function ownStartTime(): string | undefined {
  const text = fs.readFileSync('/proc/self/stat', 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

interface Original {
  readonly ignored: readonly number[];
  /** The soft limit of open files. */
  readonly openFiles: number;
}

function originalIn(record: string): Original | undefined {
  const [, pid, startTime, high, low, openFiles] =
    /^(\d+):(\d+):([\da-f]{8})([\da-f]{8}):[\da-f]{16}(?::(\d+))?$/.exec(record) ?? [];
  if (Number(pid) !== process.pid || startTime !== ownStartTime()) return undefined;
  const ignored = numbersIn({ low: Number.parseInt(low ?? '', 16), high: Number.parseInt(high ?? '', 16) });
  return { ignored, openFiles: Number(openFiles ?? 0) };
}

// Node sets every signal to its default when it starts, or to a handler of its own (SIGINT, SIGTERM).
function ignoreAgain(ignored: readonly number[]): void {
  const numbers = ignored.filter((number) => {
    const name = nameOf(number);
    return refusalOf(number) === null && name !== 'SIGCHLD' && process.listenerCount(name) === 0;
  });
  const { low, high } = maskOf(numbers);
  if (numbers.length > 0) native().startIgnored(low, high);
}

/**
 * Has the process ignore what `sigkit-init --hold` was told to ignore: `nohup` reaches through Node; and its children get the limit
 * of open files that Node has raised in itself. Never throws.
 */
function resumeOriginal(): void {
  const record = isMainThread && loadError === undefined ? takeVariable(variables.original) : undefined;
  if (record === undefined) return;
  try {
    const original = originalIn(record);
    if (original === undefined) return;
    ignoreAgain(original.ignored);
    if (original.openFiles > 0) native().setOpenFiles(original.openFiles);
  } catch {
    // Without /proc nobody knows whom the record is about.
  }
}

function writeArmed(fd: number, inode: string | undefined): void {
  try {
    const about = fs.fstatSync(fd, { bigint: true });
    // Somebody between init and this process may have closed it, and the number can be another file's by now.
    if (!about.isFIFO() || String(about.ino) !== inode) return;
    try {
      fs.writeSync(fd, '\n');
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    // It is closed, or init holds no longer (EPIPE).
  }
}

let said = false;

/** Tells `sigkit-init --hold`, if it holds, to forward signals from the next turn on: further claims of this one are made by then. */
export function sayArmed(): void {
  if (said) return;
  said = true;
  const fd = takeVariable(variables.pipe);
  const inode = takeVariable(variables.inode);
  if (fd !== undefined) process.nextTick(writeArmed, Number(fd), inode);
}

resumeOriginal();
