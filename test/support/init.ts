import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Child, type Outcome, startChild } from './child.js';

/** What was built here, or another one, such as a prebuilt one. */
export const init: string =
  process.env['SIGKIT_TEST_INIT'] ?? fileURLToPath(new URL('../../../build/Release/sigkit-init', import.meta.url));

/** Whether it is built for a sanitizer, which has an allocator and libraries of its own. */
export const sanitized: boolean = existsSync(init) && /__[at]san_init/.test(readFileSync(init, 'latin1'));

const sources = fileURLToPath(new URL('../../../test/fixtures/init/', import.meta.url));
// LeakSanitizer's own helper process does not work as, or beside, PID 1.
const sanitizers = `ASAN_OPTIONS=${process.env['ASAN_OPTIONS'] ?? ''}:detect_leaks=0`;

/** Makes what follows PID 1 of a namespace of its own. It ends with unshare, which the deadline of a child kills. */
export const asPid1: readonly string[] = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

/** False where this user or kernel may not make namespaces. */
export const canUnshare: boolean = spawnSync('unshare', [...asPid1.slice(1), 'true']).status === 0;

/** What takes 10 s in full takes 2 s unless this asks for all. */
export const long: boolean = process.env['SIGKIT_LONG'] === '1';

export interface CommandOptions {
  readonly cwd?: string;
  /** Set besides what is there. */
  readonly env?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

/** Starts any command, with the tests' environment but for what an init of the user's has left in it. */
export function startCommand(command: readonly string[], options: CommandOptions = {}): Child {
  const { env = {}, ...others } = options;
  const inherited = Object.keys(process.env).filter((name) => name.startsWith('SIGKIT_INIT_'));
  const variables = [...inherited.flatMap((name) => ['-u', name]), sanitizers, ...pairs(env)];
  // Away from the terminal of who runs the tests. startChild puts node before the file: the shell drops that word.
  const wrapper = ['setsid', 'sh', '-c', 'shift; exec "$@"', 'sh'];
  return startChild('env', { ...others, wrapper, args: [...variables, ...command] });
}

/** How a command ends that gets `input` on stdin. */
export function run(command: readonly string[], options: CommandOptions & { input?: string } = {}): Promise<Outcome> {
  const { input = '', ...others } = options;
  const child = startCommand(command, others);
  child.process.stdin?.end(input);
  return child.ended;
}

/** As `run`. Fails unless the command ends with the code and says nothing on stderr; gives its stdout. */
export async function output(
  command: readonly string[],
  options: CommandOptions & { input?: string; code?: number } = {},
): Promise<string> {
  const { code: wanted = 0, ...others } = options;
  const { code, signal, stdout, stderr } = await run(command, others);
  assert.deepEqual({ code, signal, stderr }, { code: wanted, signal: null, stderr: '' }, stdout);
  return stdout;
}

function pairs(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}

let folder: string | undefined;

/** A folder for this run of the tests. */
export function scratch(): string {
  if (folder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'sigkit-init-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

/** The executable of test/fixtures/init/NAME.c, compiled at its first use. */
export function fixture(name: string): string {
  const executable = path.join(scratch(), name);
  if (!existsSync(executable)) {
    execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', '-pthread', '-o', executable, `${sources}${name}.c`]);
  }
  return executable;
}

let orphans = 0;

/** A command that leaves an orphan, which then runs `script`; prints its pid when somebody has reaped it. */
export function awaitingOrphan(script: string): string[] {
  orphans += 1;
  const fifo = path.join(scratch(), `orphan-${orphans}`);
  execFileSync('mkfifo', [fifo]);
  // Before its parent is gone, that one might reap it. A zombie can be signalled.
  const orphan = `p=$(sh -c 'read line <${fifo}; ${script}' >&- & echo $!); echo >${fifo}`;
  return shell(`${orphan}; while kill -0 $p 2>/dev/null; do :; done; echo $p`);
}

export const shell = (script: string): string[] => ['sh', '-c', script];

/** Prints each of so many signals that come, as test/fixtures/init/probe-record.c says, and exits with 5. */
export const recorder = (count: number): string[] => [fixture('probe-record'), String(count)];

/** Starts a command under the init, which adopts orphans, or a whole command line, and waits until it says `ready`. */
export async function startReady(
  options: readonly string[],
  command: readonly string[],
  whole: readonly string[] = [init, '-s', ...options, '--', ...command],
): Promise<Child> {
  const child = startCommand(whole);
  await child.line(/^ready/);
  return child;
}
