import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Receiver = 'sigkit' | 'process.on' | 'C sigwaitinfo';

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface Throughput {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const compiled = fileURLToPath(new URL('./native/', import.meta.url));
const source = fileURLToPath(new URL('../../bench/', import.meta.url));

export function compileHelpers(): void {
  mkdirSync(compiled, { recursive: true });
  for (const name of ['sender', 'sigwaitinfo'])
    execFileSync('gcc', ['-O2', '-o', compiled + name, `${source}${name}.c`]);
}

function commandOf(receiver: Receiver, args: readonly string[]): string[] {
  if (receiver === 'C sigwaitinfo') return [`${compiled}sigwaitinfo`, ...args];
  return [process.execPath, fileURLToPath(new URL('./receiver.js', import.meta.url)), receiver, ...args];
}

// One receiver and one sender; what the receiver writes to its standard output is the sender's standard input.
async function run(
  what: string,
  receiver: Receiver,
  signal: number,
  count: number,
): Promise<{ sent: string; received: string }> {
  const [command = '', ...args] = commandOf(receiver, [what, String(signal), String(count)]);
  const receiving = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const sending = spawn(`${compiled}sender`, [what, String(receiving.pid), String(signal), String(count)], {
    stdio: [receiving.stdout, 'pipe', 'inherit'],
  });
  let sent = '';
  let received = '';
  sending.stdout.setEncoding('utf8').on('data', (text: string) => (sent += text));
  receiving.stderr.setEncoding('utf8').on('data', (text: string) => (received += text));
  const codes = await Promise.all([once(sending, 'close'), once(receiving, 'exit')]);
  if (codes.some(([code]) => code !== 0)) throw new Error(`${receiver}, ${what}: ${JSON.stringify(codes)} ${received}`);
  return { sent, received };
}

export async function latency(receiver: Receiver, count: number): Promise<Latency> {
  const { sent } = await run('latency', receiver, 12, count);
  const [p50 = NaN, p99 = NaN] = sent.trim().split(' ').map(Number);
  return { p50: p50 / 1000, p99: p99 / 1000 };
}

export async function throughput(receiver: Receiver, count: number): Promise<Throughput> {
  const { received } = await run('throughput', receiver, 35, count);
  return JSON.parse(received) as Throughput;
}
