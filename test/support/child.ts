import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const usualDeadlineMs = 50_000;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly nodeOptions?: readonly string[];
  /** A command that starts node, such as `unshare -fp`. */
  readonly wrapper?: readonly string[];
  /** Another runtime than this Node, with its own options. */
  readonly runtime?: readonly string[];
  readonly cwd?: string;
  readonly deadlineMs?: number;
}

export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** How it ended. After the deadline it is killed, and stderr says so. */
  readonly ended: Promise<Outcome>;
  /** The next line of stdout that matches; those before it are passed over. Fails when the child ends without one. */
  line(pattern: RegExp): Promise<string>;
  write(text: string): void;
}

/** The command line that runs a compiled file in a process of its own. */
export function commandOf(file: string, options: ChildOptions = {}): { command: string; args: string[] } {
  const runtime = options.runtime ?? [process.execPath];
  const own = [...(options.nodeOptions ?? []), file, ...(options.args ?? [])];
  const [command = process.execPath, ...args] = [...(options.wrapper ?? []), ...runtime, ...own];
  return { command, args };
}

// Node 26 reads these in a thread of its start, which may end while a scenario compares what all threads have.
function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...others } = process.env;
  return others;
}

/** Starts a compiled file, a fixture, in a process of its own. */
export function startChild(file: string, options: ChildOptions = {}): Child {
  const { command, args } = commandOf(file, options);
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const lines: string[] = [];
  const stderr: string[] = [];
  let output = '';
  let closed = false;
  let passed = 0;
  let wake = (): void => {};
  // Its end may come before all that is written to it.
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  const deadlineMs = options.deadlineMs ?? usualDeadlineMs;
  const timer = setTimeout(() => {
    stderr.push(`\nno end within ${deadlineMs} ms`);
    child.kill('SIGKILL');
    // What it has started may hold these open.
    child.stdout.destroy();
    child.stderr.destroy();
  }, deadlineMs);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      closed = true;
      wake();
      resolve({ code, signal, stdout: output, stderr: stderr.join('') });
    });
  });
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    async line(pattern) {
      for (;;) {
        const found = lines.findIndex((line, index) => index >= passed && pattern.test(line));
        if (found >= 0) {
          passed = found + 1;
          return lines[found] ?? '';
        }
        if (closed) throw new Error(`ended without a line ${String(pattern)}:\n${output}\n${stderr.join('')}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    write: (text) => void child.stdin.write(text),
  };
}

/** Looks until the condition holds. */
export async function until(condition: () => boolean, message: string, deadlineMs: number = 20_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${message}`);
    await delay(2);
  }
}
