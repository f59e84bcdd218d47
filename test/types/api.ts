// Compiled, never run: each @ts-expect-error must be an error, each assignment must be none.
import {
  abortOnSignal,
  disposition,
  isSignal,
  kill,
  type Signal,
  type SignalInfo,
  type SignalName,
  signalFromText,
  signals,
  type SignalStream,
  sigprocmask,
  sigqueue,
  threads,
  waitForSignal,
  withClaimsOpen,
  withSignalsBlocked,
} from 'sigkit';
import { createShutdown, type Shutdown, type ShutdownResult, type Transition } from 'sigkit/shutdown';

const names: Signal[] = ['SIGTERM', 15, 'SIGRTMIN+3', 'SIGRTMAX-1', 'SIGIOT'];
// @ts-expect-error lower case is no signal name
const lower: Signal = 'sigterm';
// @ts-expect-error no such signal
const unknown: Signal = 'SIGFOO';
// @ts-expect-error reported names count from SIGRTMIN
const reported: SignalName = 'SIGRTMAX-1';

const text: string = 'term';
if (isSignal(text)) signals(text);
// @ts-expect-error any text is no signal
signals(text);
const meant: SignalName = signalFromText(text);

const stream: SignalStream = signals(names, {
  capacity: 1,
  overflow: 'drop-oldest',
  ref: false,
  exclusive: true,
  transport: 'loop',
});
signals('all');
signals(new Set<Signal>(['SIGHUP']));
// @ts-expect-error an option is misspelt
signals('SIGTERM', { capasity: 1 });
// @ts-expect-error no such policy
signals('SIGTERM', { overflow: 'wait' });
// @ts-expect-error an AbortSignal, not a name
signals('SIGTERM', { signal: 'SIGTERM' });
// @ts-expect-error it cannot be constructed outside
const made = new (stream.constructor as typeof SignalStream)();

const next: Promise<IteratorResult<SignalInfo, undefined>> = stream.next();
const polled: SignalInfo | null = stream.poll();
// @ts-expect-error read-only
stream.closed = true;
// @ts-expect-error events are read-only
if (polled !== null) polled.pid = 1;
const pid: number | null | undefined = polled?.pid;

const waited: Promise<SignalInfo | null> = waitForSignal('SIGTERM', { timeoutMs: 1 });
const abortSignal: AbortSignal = abortOnSignal('SIGTERM').signal;
const old: Set<SignalName> = sigprocmask('SIG_BLOCK', names);
// @ts-expect-error no such how
sigprocmask('BLOCK', names);
// @ts-expect-error a value is required
sigqueue(1, 'SIGTERM');
sigqueue(1, 'SIGTERM', 1n);
kill(1, 0);
const is: 'default' | 'ignore' | 'handler' = disposition('SIGTERM');
const sync: number = withSignalsBlocked('SIGTERM', () => 1);
const opened: number = withClaimsOpen(() => 1);
const promised: Promise<number> = withSignalsBlocked('SIGTERM', async () => 1);
const blocked: ReadonlySet<SignalName> | undefined = threads()[0]?.blocked;

const ending: Shutdown = createShutdown({
  sigs: ['SIGTERM', 2],
  exit: 7,
  second: 'any',
  listeners: 'hook',
  budgetMs: 1,
  reserveMs: 0,
})
  .stage('drain', {
    expected: true,
    timeoutMs: 1,
    onTimeout: (running) => (running.length > 1 ? 'abort' : 'continue'),
    parallel: false,
  })
  .add('http', ({ signal, extend }) => signal.addEventListener('abort', () => extend(1)))
  .add('queue', { drain: async () => {}, flush: () => 1 }, { dependsOn: ['http'], timeoutMs: 1 });
createShutdown({ report: async ({ hooks }) => hooks.map(({ expected }) => expected === true) });
ending.add('spans', ({ results }) => results.map(({ outcome }) => outcome), { stage: 'flush', expected: true });
// @ts-expect-error nobody else's list
ending.add('x', ({ results }) => results.push());
// @ts-expect-error claiming all signals is no shutdown
createShutdown({ sigs: 'all' });
// @ts-expect-error no such way to end
createShutdown({ exit: 'SIGTERM' });
// @ts-expect-error a stage is named in the options
ending.add('x', 'drain', () => {});
// @ts-expect-error the verdict of a time-out
ending.stage('drain', { onTimeout: () => 'stop' });
const ended: Promise<ShutdownResult> = ending.shutdown();
const transitions: AsyncIterableIterator<Transition> = ending.transitions();

export const used: readonly unknown[] = [
  lower,
  unknown,
  reported,
  meant,
  made,
  next,
  pid,
  waited,
  abortSignal,
  old,
  is,
  sync,
  opened,
  promised,
  blocked,
  ended,
  transitions,
];
