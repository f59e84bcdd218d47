import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Child, type Outcome, until } from '../../support/child.js';
import { startCommand } from '../../support/init.js';
import { root } from './installed.js';

export interface Trial {
  /** An empty one of its own, and its HOME. */
  readonly folder: string;
  readonly child: Child;
}

export interface Options {
  /** What goes before node, such as a terminal. */
  readonly wrapper?: readonly string[];
  readonly args?: readonly string[];
  /** Fills the trial's folder. */
  before?(folder: string): void;
  /** In the program alone, or in all of Node that it starts, too. */
  readonly active?: 'program' | 'everywhere';
  readonly env?: Readonly<Record<string, string>>;
  /** How many orphans the reaper takes. */
  readonly orphans?: number;
  /** What of its stdout is compared: by default all, but for numbers of processes that have said `ready`. */
  told?(stdout: string): string;
  /** What is done while it runs. */
  drive?(trial: Trial): Promise<void>;
  /** Looks at what it has left. */
  after?(trial: Trial): Promise<void> | void;
}

interface Report {
  readonly pid: number;
  readonly runs?: string;
  readonly reaped?: number;
}

const deadlineMs = 50_000;

const preload = (name: string): string => fileURLToPath(new URL(`../preload/${name}.js`, import.meta.url));

/** The path of test/ecosystem/programs/NAME. */
export const program = (name: string): string => path.join(root, 'programs', name);

/** Runs a program without sigkit and with it. Fails unless it ends alike, says the same and leaves no process; tells how. */
export async function alike(file: string, options: Options = {}): Promise<Outcome> {
  const without = await run(file, options, false);
  const beside = await run(file, options, true);
  assert.deepEqual(beside, without, 'with sigkit, and without');
  return beside;
}

async function run(file: string, options: Options, sigkit: boolean): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-ecosystem-'));
  try {
    const report = path.join(folder, '.report');
    options.before?.(folder);
    const child = startCommand(commandLine(file, options, sigkit, folder, report), { cwd: folder, deadlineMs });
    const trial: Trial = { folder, child };
    try {
      if (options.drive === undefined) child.process.stdin?.end();
      await options.drive?.(trial);
    } catch (error) {
      child.process.kill('SIGKILL');
      throw new Error(`${nameOf(sigkit)}: ${JSON.stringify(await child.ended)}`, { cause: error });
    }
    const outcome = await child.ended;
    assert.doesNotMatch(outcome.stderr, /no end within/, `${nameOf(sigkit)}: ${JSON.stringify(outcome)}`);
    await options.after?.(trial);
    await noneLeft(folder, sigkit);
    if (sigkit) checkReports(report, file, options.orphans);
    const anywhere = (text: string): string => text.replaceAll(folder, 'FOLDER');
    const stdout = anywhere(outcome.stdout);
    return { ...outcome, stdout: options.told?.(stdout) ?? toldByDefault(stdout), stderr: anywhere(outcome.stderr) };
  } finally {
    endLeft(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function commandLine(file: string, options: Options, sigkit: boolean, folder: string, report: string): string[] {
  const { args = [], active = 'program', wrapper = [] } = options;
  const required = preload(sigkit ? 'with-sigkit' : 'without-sigkit');
  const env = {
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    TMPDIR: folder,
    ECOSYSTEM_FOLDER: folder,
    ECOSYSTEM_REPORT: report,
    ...(active === 'everywhere' ? { NODE_OPTIONS: `--require ${required}` } : {}),
    ...options.env,
  };
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const preloads = active === 'program' ? ['--require', required] : [];
  return ['env', '-i', ...variables, ...wrapper, process.execPath, ...preloads, file, ...args];
}

const toldByDefault = (stdout: string): string => stdout.replaceAll(/^ready \d+$/gm, 'ready');
const nameOf = (sigkit: boolean): string => (sigkit ? 'with sigkit' : 'without sigkit');

// What has run with sigkit says so: a preload that is not loaded would make all of this hold.
function checkReports(file: string, started: string, orphans: number | undefined): void {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const reports = lines.map((line) => JSON.parse(line) as Report);
  assert.ok(
    reports.some(({ runs }) => runs === started),
    `sigkit is active in ${started}: ${JSON.stringify(reports)}`,
  );
  const reaped = reports.filter((line) => line.reaped !== undefined);
  if (orphans !== undefined) assert.equal(reaped.length, orphans, JSON.stringify(reports));
}

/** Processes that have been started with the folder in their environment. */
export function leftOf(folder: string): number[] {
  const mark = `\0ECOSYSTEM_FOLDER=${folder}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(mark))
    .map(Number);
}

/** Kills them. */
export function endLeft(folder: string): void {
  for (const pid of leftOf(folder)) execFileSync('sh', ['-c', `kill -KILL ${pid} || :`], { stdio: 'ignore' });
}

async function noneLeft(folder: string, sigkit: boolean): Promise<void> {
  await until(() => leftOf(folder).length === 0, `${nameOf(sigkit)} nobody is left`, 5000).catch((error: unknown) => {
    const commands = leftOf(folder).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
    throw new Error(`left: ${commands.join('; ')}`, { cause: error });
  });
}

function environmentOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
  } catch {
    return '';
  }
}
