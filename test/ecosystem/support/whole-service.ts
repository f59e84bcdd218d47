import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { signalName } from '../../../lib/index.js';
import { type Child, until } from '../../support/child.js';
import { startCommand } from '../../support/init.js';
import { statOf } from '../../support/processes.js';
import { keys, onTerminal } from '../../support/terminal.js';
import { program } from './beside.js';
import { type Collected, openCollector } from './collector.js';

/** How programs/whole-service.mjs is ended: whether it hangs, in how long it has to end, and what tells it to. */
export const ways = {
  SIGTERM: { hang: 'no', options: { budgetMs: 40_000 } },
  'Ctrl-C, twice': { hang: 'free', options: { budgetMs: 40_000 } },
  'deadline, free loop': { hang: 'free', options: { budgetMs: 14_000, reserveMs: 7000 } },
  'deadline, blocked loop': { hang: 'blocked', options: { budgetMs: 2000 } },
} as const;
export type Way = keyof typeof ways;

/** `all`, or how much of it. */
export interface Arrived {
  readonly requests: string;
  readonly file: string;
  readonly transport: string;
  readonly stdout: string;
  readonly spans: string;
  readonly metrics: string;
  /** Whether it is there still. */
  readonly lock: string;
  readonly coverage: string;
  readonly child: string;
  readonly line: string;
  readonly status: string;
}

const sigkit = new URL('../../../lib/shutdown/index.js', import.meta.url).href;
const deadlineMs = 100_000;
const clients = 4;

/** Runs it under load, ends it in that way, and looks at what is there afterwards. */
export async function endedBy(way: Way): Promise<Arrived> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-ends-'));
  try {
    using collector = await openCollector();
    return await runIn(folder, way, collector);
  } finally {
    const child = read(folder, 'child');
    if (child !== '') execFileSync('sh', ['-c', `kill -KILL -${child} || :`], { stdio: 'ignore' });
    rmSync(folder, { recursive: true });
  }
}

async function runIn(
  folder: string,
  way: Way,
  { url, collected }: { readonly url: string; readonly collected: readonly Collected[] },
): Promise<Arrived> {
  const { hang, options } = ways[way];
  execFileSync('mkfifo', [path.join(folder, 'stdout')]);
  const service = [process.execPath, program('whole-service.mjs'), hang, JSON.stringify(options)];
  const env = { SIGKIT: sigkit, COLLECTOR: url, NODE_V8_COVERAGE: path.join(folder, 'coverage') };
  // Coverage of the service alone.
  const command = ['sh', '-c', 'exec "$@" >stdout 2>stderr', 'sh', ...service];
  const child = startCommand([...onTerminal, ...command], { cwd: folder, env, deadlineMs });
  const stdout = slowly(path.join(folder, 'stdout'));
  const leader = Number((await child.line(/^leader \d+/)).split(' ')[1]);
  await until(() => read(folder, 'port') !== '', 'it listens').catch((error: unknown) => {
    throw new Error(read(folder, 'stderr'), { cause: error });
  });
  const load = Array.from({ length: clients }, () => ask(Number(read(folder, 'port'))));
  await until(() => read(folder, 'log').split('\n').length > 20 * clients, 'it is asked');
  await begin(way, { child, leader, folder });
  const { code } = await child.ended;
  const answers = await Promise.all(load);
  return arrived(folder, {
    lines: (await stdout).split('\n').length - 1,
    lost: answers.filter((lost) => lost).length,
    collected,
    // As test/fixtures/pty.py has it.
    status: code !== null && code > 192 ? signalName(256 - code) : String(code),
  });
}

async function begin(
  way: Way,
  { child, leader, folder }: { readonly child: Child; readonly leader: number; readonly folder: string },
): Promise<void> {
  if (way !== 'Ctrl-C, twice') return void process.kill(leader, 'SIGTERM');
  child.write(keys.interrupt);
  await until(() => existsSync(path.join(folder, 'hangs')), 'the first has come');
  child.write(keys.interrupt);
}

// More slowly than it is written.
async function slowly(file: string): Promise<string> {
  let all = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 16_384 })) {
    all += String(chunk);
    await delay(5);
  }
  return all;
}

/** Asks until nobody listens. Whether an answer was lost. */
async function ask(port: number): Promise<boolean> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; ; count += 1) {
    try {
      await new Promise((resolve, reject) => {
        const path_ = count % 4 === 0 ? '/slow' : '/fast';
        get({ host: '127.0.0.1', port, path: path_, agent }, (response) => {
          text(response).then(resolve, reject);
        }).on('error', reject);
      });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
    }
  }
}

interface Seen {
  readonly lines: number;
  readonly lost: number;
  readonly collected: readonly Collected[];
  readonly status: string;
}

function arrived(folder: string, { lines, lost, collected, status }: Seen): Arrived {
  // It says so at its end, if it comes to that.
  const told = Number(read(folder, 'told') || Infinity);
  const all = (count: number): string => (count === told ? 'all' : `${count} of ${told}`);
  const linesOf = (name: string): number => read(folder, name).split('\n').length - 1;
  return {
    requests: lost === 0 ? 'all' : `${lost} lost`,
    file: all(linesOf('log')),
    transport: all(linesOf('log-by-transport')),
    stdout: all(lines),
    spans: all(spansIn(collected)),
    metrics: all(lastMetricIn(collected)),
    lock: existsSync(path.join(folder, 'state.lock')) ? 'left' : 'gone',
    coverage: isWritten(path.join(folder, 'coverage')) ? 'written' : 'none',
    // Who has inherited it need not have reaped it.
    child: 'Z' === (statOf(Number(read(folder, 'child')))?.state ?? 'Z') ? 'ended' : 'runs',
    line: /^sigkit: /m.test(read(folder, 'stderr')) ? 'yes' : 'none',
    status,
  };
}

function read(folder: string, name: string): string {
  const file = path.join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function isWritten(folder: string): boolean {
  return (
    existsSync(folder) &&
    readdirSync(folder).some((name) => readFileSync(path.join(folder, name), 'utf8').includes('whole-service'))
  );
}

interface Traces {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[] }[];
}

interface Metrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly { readonly sum: { readonly dataPoints: readonly { readonly asDouble: number }[] } }[];
    }[];
  }[];
}

function bodiesOf<T>(collected: readonly Collected[], wanted: string): T[] {
  return collected.filter((one) => one.path === wanted).map(({ body }) => JSON.parse(body) as T);
}

function spansIn(collected: readonly Collected[]): number {
  return bodiesOf<Traces>(collected, '/v1/traces')
    .flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans))
    .reduce((sum, { spans }) => sum + spans.length, 0);
}

function lastMetricIn(collected: readonly Collected[]): number {
  const last = bodiesOf<Metrics>(collected, '/v1/metrics').at(-1);
  return last?.resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.sum.dataPoints[0]?.asDouble ?? 0;
}
