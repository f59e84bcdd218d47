// sigkit-init beside tini and dumb-init (Debian packages), in one run and in turn. `--quick` only sees that it works.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { children } from 'sigkit/process';

import { pick, printRow } from './table.js';

interface Init {
  readonly name: string;
  readonly command: readonly string[];
}

type Figures = Readonly<Record<'start' | 'drain' | 'drainCpu' | 'rss' | 'anonymous' | 'switches', number>>;

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 7;
const starts = quick ? 20 : 500;
const zombies = quick ? 100 : 2000;
const idleMs = quick ? 200 : 3000;

const own = fileURLToPath(new URL('../../build/Release/sigkit-init', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-bench-'));
const meter = path.join(folder, 'inits');

function isInstalled(program: string): boolean {
  const found = process.env['PATH']?.split(':').some((place) => {
    return statSync(path.join(place, program), { throwIfNoEntry: false }) !== undefined;
  });
  if (found !== true) console.log(`skipped: ${program} is not installed`);
  return found === true;
}

function measure(what: string, ...args: readonly string[]): number[] {
  return execFileSync(meter, [what, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split(' ')
    .map(Number);
}

function kibibytes(file: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);
}

function switches(pid: number): number {
  const counts = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/ctxt_switches:\t(\d+)/g);
  return [...counts].reduce((all, [, count]) => all + Number(count), 0);
}

async function whileIdle({ command }: Init): Promise<Pick<Figures, 'rss' | 'anonymous' | 'switches'>> {
  const [file = '', ...args] = command;
  const running = spawn(file, [...args, 'sleep', '1000'], { stdio: 'ignore' });
  const { pid = 0 } = running;
  while (children(pid).length === 0) await sleep(10);
  await sleep(200);
  const before = switches(pid);
  await sleep(idleMs);
  const memory = `/proc/${pid}/smaps_rollup`;
  const figures = {
    rss: kibibytes(memory, 'Rss'),
    anonymous: kibibytes(memory, 'Anonymous'),
    switches: ((switches(pid) - before) * 1000) / idleMs,
  };
  running.kill();
  await once(running, 'exit');
  return figures;
}

async function measureAll(init: Init): Promise<Figures> {
  const [start = NaN] = measure('starts', String(starts), ...init.command, 'true');
  const [drain = NaN, drainCpu = NaN] =
    process.geteuid?.() === 0 ? measure('drain', ...init.command, meter, 'pile', String(zombies)) : [];
  return { start, drain, drainCpu, ...(await whileIdle(init)) };
}

process.once('exit', () => rmSync(folder, { recursive: true }));
execFileSync('cc', ['-O2', '-o', meter, fileURLToPath(new URL('../../bench/inits.c', import.meta.url))]);
const others: readonly Init[] = [
  { name: 'tini', command: ['tini', '-s', '--'] },
  { name: 'tini-static', command: ['tini-static', '-s', '--'] },
  { name: 'dumb-init', command: ['dumb-init', '--'] },
].filter(({ name }) => isInstalled(name));
const inits: readonly Init[] = [{ name: 'sigkit-init', command: [own, '-s', '--'] }, ...others];

const results = inits.map(({ name }) => ({ name, figures: [] as Figures[] }));
for (let round = 0; round < rounds; round += 1) {
  for (const [index, init] of inits.entries()) results[index]?.figures.push(await measureAll(init));
}

function row(figure: string, name: keyof Figures, unit: string, goal: string = '', digits: number = 0): void {
  const [first, ...rest] = results.map((result) => ({ name: result.name, values: pick(result.figures, name) }));
  printRow({ figure, unit, digits, own: first?.values ?? [], references: rest, goal });
}

printRow({ figure: 'sigkit-init: file', unit: 'KiB', own: [statSync(own).size / 1024] });
row('sigkit-init: start to end around `true`', 'start', 'us', '<= tini');
row('sigkit-init: resident memory', 'rss', 'KiB', '<= tini');
row('sigkit-init: anonymous memory', 'anonymous', 'KiB', '<= tini');
row('sigkit-init: idle wake-ups', 'switches', '/s', '0', 1);
row(`sigkit-init: ${zombies} zombies drained as PID 1, wall`, 'drain', 'ms', '', 1);
row(`sigkit-init: ${zombies} zombies drained as PID 1, CPU`, 'drainCpu', 'ms', '', 1);
