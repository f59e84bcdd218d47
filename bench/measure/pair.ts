import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { type Command, requiredInC } from '../peers/build.js';
import type { Figures } from './rounds.js';

// What waits for signals blocks all but this one.
const deadline = { timeout: 120_000, killSignal: 'SIGKILL' } as const;

function text(stream: Readable): Promise<string> {
  return stream.setEncoding('utf8').reduce((all: string, more: string) => all + more, '');
}

async function codeOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? '';
}

/**
 * One receiver and one sender: what the receiver writes to its standard output is the sender's standard input. When the
 * sender has ended, the receiver's standard input does. `by` is a command that starts both, such as taskset(1). Gives what each has told: the sender's JSON and the receiver's.
 */
export async function runPair(
  receiver: Command,
  send: (pid: number) => readonly string[],
  by: readonly string[] = [],
): Promise<{ sender: Figures; receiver: Figures }> {
  const [file = '', ...args] = [...by, ...receiver];
  const receiving = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], ...deadline });
  const [sender = '', ...told] = [...by, requiredInC('sender'), ...send(receiving.pid ?? 0)];
  const sending = spawn(sender, told, {
    stdio: [receiving.stdout, 'pipe', 'pipe'],
    ...deadline,
  });
  receiving.stdin.on('error', () => {});
  sending.once('exit', (code) => {
    if (code === 0) receiving.stdin.end();
    else receiving.kill('SIGKILL');
  });
  const ends = Promise.all([codeOf(sending), codeOf(receiving)]);
  const [said, complaint, used] = await Promise.all([
    text(sending.stdout),
    text(sending.stderr),
    text(receiving.stderr),
  ]);
  const codes = await ends;
  if (codes.some((code) => code !== 0))
    throw new Error(`${receiver.join(' ')}: ${codes.join(', ')} ${complaint}${used}`);
  return { sender: parse(said), receiver: parse(used) };
}

function parse(said: string): Figures {
  return said.trim() === '' ? {} : (JSON.parse(said) as Figures);
}

/** From kill(2) to the body of the loop or listener, and to the sender's having its answer, in microseconds. */
export async function latency(
  receiver: Command,
  count: number,
  by: readonly string[] = [],
): Promise<Record<'p50' | 'p99' | 'round trip', number>> {
  const { sender } = await runPair(receiver, (pid) => ['latency', String(pid), String(count)], by);
  const us = (name: string): number => (sender[name] ?? NaN) / 1000;
  return { p50: us('p50'), p99: us('p99'), 'round trip': us('roundTrip') };
}
