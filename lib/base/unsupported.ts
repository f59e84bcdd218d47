import { SigkitError } from './errors.js';

/** What needs Linux, Node and the addon: capabilities tells these before. */
export const nativeOnly = [
  'blockSignals',
  'captureStacks',
  'children',
  'descendants',
  'disposition',
  'explain',
  'getpgid',
  'getpgrp',
  'getsid',
  'ignoreSignals',
  'inspectProcess',
  'isChildSubreaper',
  'listenDescriptors',
  'onLoopStall',
  'openDiagnostics',
  'openNotifier',
  'openProcess',
  'pthreadSigmask',
  'reapOrphans',
  'resetSignals',
  'setChildSubreaper',
  'setParentDeathSignal',
  'setpgid',
  'setsid',
  'sigpending',
  'sigprocmask',
  'sigqueue',
  'tcgetpgrp',
  'tcsetpgrp',
  'terminateGroup',
  'terminateTree',
  'tgkill',
  'threads',
  'waitForExit',
  'waitpid',
  'withSignalsBlocked',
] as const;

/** One of them. */
export type NativeOnly = (typeof nativeOnly)[number];

const claims = 'signals() keeps a signal from its default action while it is open';
const group = 'spawn() with processGroup: true makes one, endGroup() ends it';
const owner = 'the child that spawn() has returned tells of its end';
const tree = 'end each child by its own handle';
const manager = 'only systemd on Linux offers it';

// What does elsewhere.
const instead: Readonly<Record<NativeOnly, string>> = {
  blockSignals: claims,
  openDiagnostics: 'node --report-on-signal writes a report while the event loop has its turn',
  onLoopStall: 'perf_hooks.monitorEventLoopDelay() tells of delays once they are over',
  captureStacks: 'the inspector pauses a thread from another one (node:inspector, connectToMainThread)',
  explain: 'ps -o sig_ignore,sig_catch,sig_block shows what a process does with signals',
  inspectProcess: 'ps shows processes',
  disposition: 'process.listenerCount() tells who listens',
  ignoreSignals: 'process.on() with a function that does nothing keeps a signal from its default action',
  pthreadSigmask: claims,
  resetSignals: 'close() of a stream ends its claim',
  sigpending: 'poll() of a stream tells what has come',
  sigprocmask: claims,
  sigqueue: 'kill() sends a signal without a value',
  tgkill: 'kill() sends to the whole process',
  threads: 'ps -M or ps -L shows them',
  withSignalsBlocked: claims,
  children: tree,
  descendants: tree,
  getpgid: group,
  getpgrp: group,
  getsid: group,
  isChildSubreaper: tree,
  openProcess: owner,
  reapOrphans: tree,
  setChildSubreaper: tree,
  setParentDeathSignal: 'the child can watch for the end of its stdin',
  setpgid: group,
  setsid: group,
  tcgetpgrp: group,
  tcsetpgrp: group,
  terminateGroup: tree,
  terminateTree: tree,
  waitForExit: owner,
  waitpid: owner,
  listenDescriptors: manager,
  openNotifier: manager,
};

/** Where this runs, for messages: `darwin`, `Bun on linux`. */
export function whereThisIs(): string {
  const runtime = 'Deno' in globalThis ? 'Deno on ' : 'bun' in process.versions ? 'Bun on ' : '';
  const chosen = runtime === '' && process.platform === 'linux' ? ' with SIGKIT_BACKEND=portable' : '';
  return `${runtime}${process.platform}${chosen}`;
}

/** What a function throws that only the addon can do. */
export function unsupported(name: NativeOnly): SigkitError {
  return unsupportedHere(`${name}()`, instead[name]);
}

/** The same of what is no function. */
export function unsupportedHere(what: string, other: string): SigkitError {
  return new SigkitError(
    'ERR_SIGKIT_UNSUPPORTED',
    `${what} needs Node on Linux with the native backend, this is ${whereThisIs()}; instead: ${other}`,
  );
}
