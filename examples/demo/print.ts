import type { SignalName, ThreadInfo } from 'sigkit';

import type { SignalReport } from './report.js';

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a claim, and makes the demo fail if it does not hold. */
export function check(claim: string, holds: boolean): void {
  print(`   ${holds ? 'ok ' : 'NOT TRUE:'} ${claim}`);
  if (!holds) process.exitCode = 1;
}

/** Threads that are alike share a line. */
export function printThreads(list: readonly ThreadInfo[], claimed: readonly SignalName[]): void {
  const lines = new Map<string, number>();
  for (const { name, blocked } of list) {
    const line = `${name.padEnd(16)}blocks ${describeMask(name, blocked, claimed)}`;
    lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  for (const [line, count] of lines) print(`  ${String(count).padStart(3)} x ${line}`);
}

function describeMask(name: string, blocked: ReadonlySet<SignalName>, claimed: readonly SignalName[]): string {
  if (blocked.size === 0) return 'nothing';
  if (blocked.size < 10) return [...blocked].join(' ');
  const waitedFor = claimed.filter((signal) => name === 'sigkit' && !blocked.has(signal));
  return `${blocked.size} signals${waitedFor.length === 0 ? '' : `, waits for ${waitedFor.join(' ')} (*)`}`;
}

export function printSignal({ info, command }: SignalReport): void {
  const { signal, code, pid, uid, value } = info;
  const sender = `from pid ${pid} (${command ?? 'gone already'}), uid ${uid}`;
  print(`   ${signal.padEnd(11)} ${code.padEnd(9)} ${sender}${value === undefined ? '' : `, value ${value}`}`);
}

/** The least, median, 99th percentile and greatest of some milliseconds. */
export function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(3).padStart(9);
  return `min ${at(0)}  median ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)} ms`;
}
