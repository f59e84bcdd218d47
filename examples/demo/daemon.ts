// The daemon of the demo: claims four signals, reports what arrives, and ends by the real SIGTERM.
import { readFileSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import { exitBySignal, signals, type ThreadInfo, threads } from 'sigkit';

import { masksOf, type Report } from './report.js';

const expectedWhileBlocked = Number(process.argv[2]);

function report(what: Report): Promise<void> {
  return new Promise((sent) => process.send?.(what, undefined, undefined, () => sent()));
}

function commandOf(pid: number | null): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

// For a second; on a machine so busy that not all signals have come by then, for as many more as that takes. The demo is told
// by a plain write: what goes through the event loop might leave after the signals have come.
function blockTheLoop(): void {
  const blockedAt = performance.now();
  writeSync(1, 'blocking\n');
  do Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  while (stream.queued < expectedWhileBlocked && performance.now() - blockedAt < 10_000);
  const unblockedAt = performance.now();
  void report({ kind: 'unblocked', blockedAt, unblockedAt, ...sameMoment() });
}

// A thread may still be on its way out of the handler that changed its mask, or out of the process: what is awaited here
// comes microseconds later.
async function reportThreads(settled: (list: readonly ThreadInfo[]) => boolean): Promise<readonly ThreadInfo[]> {
  const deadline = performance.now() + 2000;
  let list = [...threads()];
  while (!settled(list) && performance.now() < deadline) {
    await setImmediate();
    list = [...threads()];
  }
  await report({ kind: 'threads', list });
  return list;
}

// The closest of some pairs of readings: this process may lose the processor in between.
function sameMoment(): { performanceMs: number; monotonicNs: bigint } {
  const pairs = Array.from({ length: 10 }, () => {
    const before = performance.now();
    const monotonicNs = process.hrtime.bigint();
    const after = performance.now();
    return { performanceMs: (before + after) / 2, monotonicNs, apart: after - before };
  });
  const { performanceMs, monotonicNs } = pairs.reduce((a, b) => (b.apart < a.apart ? b : a));
  return { performanceMs, monotonicNs };
}

// Node's last thread may still be starting: until then it blocks everything, libc's own signals included.
const before = await reportThreads((list) => !list.some(({ blocked }) => blocked.has('SIG33')));
const stream = signals(['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGRTMIN+1']);
await reportThreads((list) => list.some(({ name, blocked }) => name === 'sigkit' && !blocked.has('SIGTERM')));
process.on('message', blockTheLoop);
// The demo has died.
process.on('disconnect', () => process.exit(1));

for await (const info of stream) {
  const seenAt = performance.now();
  const sent = report({ kind: 'signal', info, command: commandOf(info.pid), seenAt });
  if (info.signal !== 'SIGTERM') continue;
  await sent;
  break;
}
// The `break` has closed the stream: masks and dispositions are as they were.
await reportThreads((list) => masksOf(list) === masksOf(before));
exitBySignal('SIGTERM');
