import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { numbersFrom } from '../measure/printed.js';
import { type Contender, type Figures, inTurn, resultOf } from '../measure/rounds.js';
import { type Command, inNode, versionOf } from '../peers/build.js';
import type { Area, Effort, Table } from '../report/model.js';

type Costs = Readonly<Record<'open' | 'closed', readonly number[]>>;

const opened = 'sigkit open';
const closed = 'sigkit closed';
const bare = 'bare node';
const request = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';
// Throughput of at least 0.99 x.
const atMost = 1.01;

function start(command: Command): ChildProcess {
  return spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 });
}

// It asks again when it has been answered, until the server has ended.
function ask(port: number, pauseMs: number): void {
  const socket = connect(port, '127.0.0.1', () => socket.write(request));
  socket.on('data', () => {
    if (pauseMs === 0) socket.write(request);
    else setTimeout(() => socket.write(request), pauseMs);
  });
  socket.on('error', () => {});
}

/** What the server writes after its port. */
async function serve(command: Command, { clients, pauseMs }: Record<'clients' | 'pauseMs', number>): Promise<string> {
  const server = start(command);
  const lines: string[] = [];
  const ended = once(server, 'close');
  if (server.stdout === null) throw new Error('no standard output');
  createInterface(server.stdout).on('line', (line) => {
    if (lines.push(line) > 1) return;
    for (let made = 0; made < clients; made += 1) ask(Number(line), pauseMs);
  });
  const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`${command.join(' ')}: ${code ?? signal}`);
  return lines[1] ?? '';
}

function costTable(
  costs: Costs,
  { id, title, method, column }: Record<'id' | 'title' | 'method' | 'column', string>,
): Table {
  const figures = (values: readonly number[]): Figures[] => values.map((value) => ({ [column]: value }));
  return {
    id,
    title,
    method: `${method} In one process, with openDiagnostics and onLoopStall open and closed by turns, in ${costs.open.length} pairs of blocks.`,
    columns: [{ name: column, unit: 'us', digits: 2 }],
    baseline: closed,
    results: [resultOf(opened, figures(costs.open)), resultOf(closed, figures(costs.closed))],
    missing: [],
    goals: [{ contender: opened, column, to: closed, atMost }],
  };
}

async function server({ quick }: Effort): Promise<Table> {
  const { command } = inNode('answering', 'turns', '5000', quick ? '10' : '100');
  return costTable(JSON.parse(await serve(command, { clients: 4, pauseMs: 0 })) as Costs, {
    id: 'diagnostics-server',
    title: 'An HTTP server with its diagnostics open',
    method: 'User and system time of all its threads; four clients, each of which asks when it has been answered.',
    column: 'CPU per request',
  });
}

async function busyLoop({ quick }: Effort): Promise<Table> {
  const { command } = inNode('computing', '200', quick ? '20' : '200');
  const child = start(command);
  const said: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => said.push(part));
  await once(child, 'close');
  return costTable(JSON.parse(Buffer.concat(said).toString()) as Costs, {
    id: 'diagnostics-busy',
    title: 'A loop that computes, with its diagnostics open',
    method:
      'User and system time of all its threads; 50,000 steps of a generator of random numbers to a turn of the event loop.',
    column: 'CPU per turn',
  });
}

// Not the beginning of a call, or one of the heap, which grows when it does.
const uncounted = /^\d+ +(?:<\.\.\.|---|\+\+\+|(?:brk|mmap|munmap|madvise|mprotect)\()/;

/** Calls in what strace(1) has written, between the two that look for our files. */
function callsIn(trace: string): number {
  const lines = trace.split('\n').filter((line) => !uncounted.test(line));
  const [begins, ends] = ['begins', 'ends'].map((which) =>
    lines.findIndex((line) => line.includes(`/sigkit-bench-${which}"`)),
  );
  return begins === undefined || ends === undefined || begins < 0 ? NaN : ends - begins - 1;
}

async function calls({ quick }: Effort): Promise<Table> {
  const count = quick ? 400 : 4000;
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-calls-'));
  const trace = path.join(folder, 'trace');
  const missing = versionOf('strace', '-V') === undefined ? 'not installed: strace (strace)' : undefined;
  const contender = (name: string, how: string): Contender => ({
    name,
    missing,
    async measure() {
      const [node, ...args] = inNode('answering', how, String(count)).command;
      // Threads of the garbage collector would make calls of their own. Of a client without a pause it is chance how often libuv looks.
      const command: Command = ['strace', '-f', '-qq', '-o', trace, node, '--single-threaded', ...args];
      await serve(command, { clients: 1, pauseMs: 1 });
      return { 'system calls': callsIn(readFileSync(trace, 'utf8')) / count };
    },
  });
  try {
    return {
      id: 'diagnostics-calls',
      title: 'System calls of an HTTP server with its diagnostics open',
      method: `Of all its threads, by strace(1), but for those that allocate memory, for each of ${count.toLocaleString('en')} requests of a client that asks a millisecond after it has been answered.`,
      columns: [{ name: 'system calls', unit: '', digits: 3 }],
      baseline: bare,
      ...(await inTurn([contender(opened, 'open'), contender(bare, 'bare')], quick ? 3 : 5)),
      goals: [{ contender: opened, column: 'system calls', to: bare, atMost }],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function quantile(ordered: readonly number[], part: number): number {
  return ordered[Math.floor(ordered.length * part)] ?? NaN;
}

async function captures({ quick }: Effort): Promise<Table> {
  const count = 1000;
  const contender: Contender = {
    name: 'sigkit captureStacks',
    measure() {
      const [without = NaN, ...times] = numbersFrom(inNode('captures').command, count);
      const ordered = times.sort((a, b) => a - b);
      return { p50: quantile(ordered, 0.5), p99: quantile(ordered, 0.99), most: quantile(ordered, 1 - 1e-9), without };
    },
  };
  return {
    id: 'diagnostics-capture',
    title: 'The stack of a main thread that hangs',
    method: `${count.toLocaleString('en')} captures by a Worker beside a main thread in an endless loop of JavaScript. Without: those that lacked the function in which it is.`,
    columns: [
      { name: 'p50', unit: 'ms', digits: 3 },
      { name: 'p99', unit: 'ms', digits: 3 },
      { name: 'most', unit: 'ms', digits: 3 },
      { name: 'without', unit: '' },
    ],
    ...(await inTurn([contender], quick ? 1 : 5)),
    goals: [
      { contender: contender.name, column: 'p99', atMost: 10 },
      { contender: contender.name, column: 'without', atMost: 0 },
    ],
  };
}

export const diagnosticsArea: Area = {
  name: 'diagnostics',
  measure: async (effort) => [
    await server(effort),
    await busyLoop(effort),
    await calls(effort),
    await captures(effort),
  ],
};
