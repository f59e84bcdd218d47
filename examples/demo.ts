// What sigkit does, shown on real processes: a daemon, /bin/kill, and a sender of queued values. Each step waits for what
// the other processes say, and each line that begins with `ok` has been checked.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { type SignalName, signalNumber, type ThreadInfo } from 'sigkit';

import { check, print, printSignal, printThreads, spread } from './demo/print.js';
import { masksOf, type Report, type SignalReport } from './demo/report.js';
import { numberIn, sentSince } from './demo/value.js';

const claimed: readonly SignalName[] = ['SIGHUP', 'SIGUSR2', 'SIGTERM', 'SIGRTMIN+1'];
const queued = 1000;

const daemon = fork(program('daemon'), [String(queued)], {
  serialization: 'advanced',
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const closed = once(daemon, 'close');
const failed = new AbortController();
const limit = { signal: failed.signal };
const reports = on(daemon, 'message', { close: ['close'], ...limit });
setTimeout(() => failIf(true, 'no end within 20 s'), 20_000).unref();
daemon.once('exit', (code) => failIf(code !== null, `the daemon has ended with exit code ${code}`));

function program(name: string): string {
  return fileURLToPath(new URL(`demo/${name}.js`, import.meta.url));
}

function failIf(so: boolean, message: string): void {
  if (so) failed.abort(new Error(message));
}

async function nextLine(input: Readable): Promise<void> {
  await once(createInterface({ input }), 'line', limit);
}

async function next<Kind extends Report['kind']>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
  const { value } = await reports.next();
  const report = (value as [Report] | undefined)?.[0];
  if (report?.kind !== kind) throw new Error(`the daemon says ${report?.kind ?? 'no more'} instead of ${kind}`);
  return report as Extract<Report, { kind: Kind }>;
}

function killBy(signal: string): ChildProcess {
  const pid = String(daemon.pid);
  if (existsSync('/bin/kill')) return spawn('/bin/kill', [`-${signal}`, pid]);
  return spawn('/bin/sh', ['-c', `kill -${signal} ${pid}`]);
}

function commandOf({ pid }: ChildProcess): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

async function receive(sender: ChildProcess, signal: SignalName, code: string, value?: number): Promise<SignalReport> {
  const report = await next('signal');
  const { info } = report;
  printSignal(report);
  check(
    `${signal}, ${code}, of the process that was started to send it`,
    info.signal === signal &&
      info.code === code &&
      info.pid === sender.pid &&
      info.uid === process.getuid?.() &&
      info.value === value,
  );
  return report;
}

function blocksAll({ blocked }: ThreadInfo): boolean {
  return claimed.every((signal) => blocked.has(signal));
}

print(`sigkit demo on Node ${process.version}, ${process.arch}: daemon ${daemon.pid}\n`);

print('1. The threads of the daemon before it claims anything');
const { list: before } = await next('threads');
printThreads(before, claimed);

print(`\n2. It claims ${claimed.join(', ')}: blocked everywhere, taken by one more thread`);
const { list: during } = await next('threads');
printThreads(during, claimed);
print('   (*) while a thread sleeps in sigwaitinfo, the kernel shows what it waits for as not blocked there');
const nodes = during.filter(({ name }) => name !== 'sigkit');
check(`all ${nodes.length} threads of Node block all four`, nodes.every(blocksAll));
check('one waiter thread', during.length - nodes.length === 1);

print('\n3. Other processes signal it');
await receive(killBy('HUP'), 'SIGHUP', 'SI_USER');
await receive(killBy('USR2'), 'SIGUSR2', 'SI_USER');
const sender = spawn(process.execPath, [program('sender'), String(daemon.pid)], { stdio: ['pipe', 'pipe', 'inherit'] });
sender.once('exit', (status) => failIf(status !== 0, `the sender has ended with exit code ${status}`));
await nextLine(sender.stdout);
sender.stdin.write('value 42\n');
const { command } = await receive(sender, 'SIGRTMIN+1', 'SI_QUEUE', 42);
check('the name of a sender that still lives was found', command === commandOf(sender));

print(`\n4. It blocks its event loop for one second; meanwhile ${queued} real-time signals are queued`);
daemon.send('block');
await nextLine(daemon.stdout ?? process.stdin);
sender.stdin.end(`storm ${queued}\n`);
const { blockedAt, unblockedAt, performanceMs, monotonicNs } = await next('unblocked');
const storm: SignalReport[] = [];
while (storm.length < queued) storm.push(await next('signal'));
const values = storm.map(({ info }) => info.value64 ?? -1n);
const sentAt = values.map((value) => performanceMs + sentSince(value, monotonicNs));
print(`   the loop stood still for ${(unblockedAt - blockedAt).toFixed(0)} ms`);
print(
  `   sent -> taken by the native thread (info.time)  ${spread(storm.map(({ info }, i) => info.time - (sentAt[i] ?? NaN)))}`,
);
print(
  `   sent -> body of for await                       ${spread(storm.map(({ seenAt }, i) => seenAt - (sentAt[i] ?? NaN)))}`,
);
check(
  `all ${queued} came, in order`,
  values.every((value, number) => numberIn(value) === number),
);
check(
  'all were taken while the loop stood still',
  storm.every(({ info }) => info.time > blockedAt && info.time < unblockedAt),
);
check(
  'all were seen after that',
  storm.every(({ seenAt }) => seenAt > unblockedAt),
);

print('\n5. It is told to end');
await receive(killBy('TERM'), 'SIGTERM', 'SI_USER');
const { list: after } = await next('threads');
print('   its threads after close():');
printThreads(after, claimed);
check('every mask is what it was before the claim', masksOf(after) === masksOf(before));
const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
print(`   the parent saw: exit code ${code}, signal ${signal}; a shell would show ${128 + signalNumber('SIGTERM')}`);
check('it died of the real SIGTERM', code === null && signal === 'SIGTERM');
print(process.exitCode === undefined ? '\nEvery claim holds.' : '\nNot every claim holds.');
