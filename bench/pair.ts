import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export type Receiver = 'sigkit' | 'process.on' | 'C sigwaitinfo';

/** Figures by name. */
export type Figures<Name extends string> = Readonly<Record<Name, number>>;

const source = fileURLToPath(new URL('../../bench/', import.meta.url));
const compiled = mkdtempSync(path.join(tmpdir(), 'sigkit-bench-'));

/** Compiles the programs in C, for as long as this process lives. */
export function compileHelpers(): void {
  process.once('exit', () => rmSync(compiled, { recursive: true }));
  for (const name of ['sender', 'sigwaitinfo']) {
    execFileSync('cc', ['-O2', '-o', path.join(compiled, name), path.join(source, `${name}.c`)]);
  }
}

function commandOf(receiver: Receiver): string[] {
  if (receiver === 'C sigwaitinfo') return [path.join(compiled, 'sigwaitinfo')];
  return [process.execPath, fileURLToPath(new URL('./receiver.js', import.meta.url)), receiver];
}

function text(stream: Readable): Promise<string> {
  return stream.setEncoding('utf8').reduce((all: string, more: string) => all + more, '');
}

// One receiver and one sender: what the receiver writes to its standard output is the sender's standard input.
async function run(what: string, receiver: Receiver, count: number): Promise<{ sender: string; receiver: string }> {
  const [command = '', ...args] = commandOf(receiver);
  const receiving = spawn(command, [...args, what, String(count)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const sending = spawn(path.join(compiled, 'sender'), [what, String(receiving.pid), String(count)], {
    stdio: [receiving.stdout, 'pipe', 'inherit'],
  });
  const ends = Promise.all([once(sending, 'exit'), once(receiving, 'exit')]);
  const said = await Promise.all([text(sending.stdout), text(receiving.stderr)]);
  const codes = (await ends).map(([code]) => code as number | null);
  if (codes.some((code) => code !== 0)) throw new Error(`${receiver}, ${what}: ${codes.join(', ')} ${said.join(' ')}`);
  return { sender: said[0], receiver: said[1] };
}

/** From kill(2) to the body of the loop or listener, in microseconds. */
export async function latency(receiver: Receiver, count: number): Promise<Figures<'p50' | 'p99'>> {
  const said = await run('latency', receiver, count);
  const [p50 = NaN, p99 = NaN] = JSON.parse(said.sender) as number[];
  return { p50: p50 / 1000, p99: p99 / 1000 };
}

/** From the first send to the last body, in milliseconds; the processor time of the receiver; how often the queue was full. */
export async function throughput(
  what: 'queue' | 'storm',
  receiver: Receiver,
  count: number,
): Promise<Figures<'wall' | 'cpu' | 'received' | 'full'>> {
  const said = await run(what, receiver, count);
  const [beganNs = NaN, full = NaN] = JSON.parse(said.sender) as number[];
  const { endNs, cpuMs, received } = JSON.parse(said.receiver) as Figures<'endNs' | 'cpuMs' | 'received'>;
  return { wall: (endNs - beganNs) / 1e6, cpu: cpuMs, received, full };
}
