import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { kill } from 'sigkit';

import { type Child, until } from './child.js';
import { startCommand } from './init.js';
import { childOf, statOf } from './processes.js';
import { keys, onTerminal } from './terminal.js';

/** A row of "Who starts it" in docs/shutdown.md. */
export interface StarterRow {
  readonly by: string;
  readonly gets: readonly string[];
  readonly again: string;
}

const fixture = fileURLToPath(new URL('../fixtures/shutdown/started.js', import.meta.url));
const documents = new URL('../../../docs/shutdown.md', import.meta.url);

/** The rows of the table. */
export function starterRows(): StarterRow[] {
  const [, table = ''] = readFileSync(documents, 'utf8').split(/^\| started by .*\n\| -.*\n/m);
  const rows = table.slice(0, table.search(/^[^|]/m)).trimEnd().split('\n');
  return rows.map((row) => {
    const [by = '', , gets = '', again = ''] = row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { by: by.replaceAll(/`|\[|\]\(.*?\)/g, ''), gets: gets.split(', '), again };
  });
}

/** How somebody starts the service, and has it end. */
export interface Starter {
  /** What runs it; `node FIXTURE ...` as words of their own, or as one for a shell. */
  command(service: readonly string[], folder: string): readonly string[];
  /** Whether there is what it takes: namespaces. */
  readonly needs?: boolean;
  /** On a terminal of its own, where Ctrl-C is typed. */
  readonly terminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Has it end, and does so again. By default Ctrl-C is typed. */
  ask?(running: Running): void;
}

export interface Running {
  readonly child: Child;
  /** The service, as it is seen here. */
  readonly pid: number;
}

/** Runs the service as the row says, and fails unless it gets what the row says, and goes on or ends at the repetition. */
export async function runStarted({ gets, again }: StarterRow, starter: Starter): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-started-'));
  const file = path.join(folder, 'report');
  const lines = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
  const said = (line: string | RegExp): Promise<void> =>
    until(
      () => lines().some((each) => (typeof line === 'string' ? each === line : line.test(each))),
      `${String(line)} in ${folder}`,
    );
  const count = (): number => lines().filter((line) => line.startsWith('gets')).length;
  const command = starter.command([process.execPath, fixture, file, ...gets], folder);
  mkdirSync(path.join(folder, 'home'));
  const env = {
    npm_config_update_notifier: 'false',
    HOME: path.join(folder, 'home'),
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  };
  const child = startCommand(starter.terminal === true ? [...onTerminal, ...command] : command, {
    cwd: folder,
    env: { ...env, ...starter.env },
  });
  let pid = 0;
  try {
    await said(/^ready/);
    const own = Number(lines()[0]?.slice('ready '.length));
    pid = own === 1 ? await childOf(child.pid) : own;
    const ask = (): void => (starter.ask === undefined ? child.write(keys.interrupt) : starter.ask({ child, pid }));
    ask();
    await said('holds');
    const got = lines().flatMap((line) => (line.startsWith('gets ') ? [line.slice(5)] : []));
    assert.ok(
      got.includes(gets[0] ?? '') && got.every((each) => gets.includes(each)),
      `${got.join()} of ${gets.join()}`,
    );
    const before = count();
    ask();
    if (again === 'ends at once') {
      // And not by a SIGKILL of who has started it.
      await child.line(
        /^.*sigkit: SIGINT from the kernel, then SIGINT from the kernel: a second signal .*exit 130\r?$/,
      );
      await until(() => isGone(pid), 'it is gone');
      assert.ok(!lines().includes('stopped'));
    } else {
      await until(() => count() > before, 'it gets it again');
      kill(pid, 'SIGUSR2');
      await said('stopped');
    }
  } catch (error) {
    throw new Error(lines().join('\n'), { cause: error });
  } finally {
    if (pid > 0 && !isGone(pid)) kill(pid, 'SIGKILL');
    child.process.stdin?.end();
    await child.ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

const isGone = (pid: number): boolean => (statOf(pid)?.state ?? 'Z') === 'Z';

/** A folder with a package whose `start` runs the service. */
export function asPackage(service: readonly string[], folder: string): void {
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'started', version: '1.0.0', private: true, scripts: { start: inShell(service) } }),
  );
}

/** A shell that has started what follows, and stays when that has gone: the end of a session's leader hangs up. */
export const inTerminalShell: readonly string[] = ['sh', '-c', 'trap : INT; "$@"; trap "" INT; exec sleep 600', 'sh'];

/** As a line for a shell. */
export function inShell(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}
