import { type NativeOnly, unsupported } from '../unsupported.js';

export type MissingName =
  | 'sigprocmask'
  | 'pthreadSigmask'
  | 'sigpending'
  | 'ignore'
  | 'reset'
  | 'disposition'
  | 'coveredActions'
  | 'tgkill'
  | 'gettid'
  | 'sigqueue'
  | 'setpgid'
  | 'getpgid'
  | 'setsid'
  | 'getsid'
  | 'setStopped'
  | 'tcgetpgrp'
  | 'tcsetpgrp'
  | 'setChildSubreaper'
  | 'isChildSubreaper'
  | 'setParentDeathSignal'
  | 'readStat'
  | 'wait'
  | 'stateChange'
  | 'peekExit'
  | 'pidfdPeekExit'
  | 'pidfdStatus'
  | 'zombies'
  | 'watchChildren'
  | 'signalGroup'
  | 'pidfdOpen'
  | 'pidfdSignal'
  | 'pidfdClose'
  | 'watchExit'
  | 'takeExited'
  | 'addGuardedGroup'
  | 'removeGuardedGroup'
  | 'openNotifySocket'
  | 'closeNotifySocket'
  | 'notify'
  | 'notifyBarrier'
  | 'openWatchdog'
  | 'closeWatchdog'
  | 'takeInherited'
  | 'spawn'
  | 'settle'
  | 'unread'
  | 'birthError'
  | 'forgetChild'
  | 'abandonChild'
  | 'captureStacks'
  | 'openStackPrinter'
  | 'closeStackPrinter';

export type MissingFunctions = Readonly<Record<MissingName, () => never>>;

// Functions of the addon, by the function of the API that a caller sees.
const missing: Readonly<Record<MissingName, NativeOnly>> = {
  sigprocmask: 'sigprocmask',
  pthreadSigmask: 'pthreadSigmask',
  sigpending: 'sigpending',
  ignore: 'ignoreSignals',
  reset: 'resetSignals',
  disposition: 'disposition',
  coveredActions: 'threads',
  tgkill: 'tgkill',
  gettid: 'waitpid',
  sigqueue: 'sigqueue',
  setpgid: 'setpgid',
  getpgid: 'getpgid',
  setsid: 'setsid',
  getsid: 'getsid',
  setStopped: 'terminateTree',
  tcgetpgrp: 'tcgetpgrp',
  tcsetpgrp: 'tcsetpgrp',
  setChildSubreaper: 'setChildSubreaper',
  isChildSubreaper: 'isChildSubreaper',
  setParentDeathSignal: 'setParentDeathSignal',
  readStat: 'children',
  wait: 'waitpid',
  stateChange: 'waitpid',
  peekExit: 'waitpid',
  pidfdPeekExit: 'openProcess',
  pidfdStatus: 'openProcess',
  zombies: 'reapOrphans',
  watchChildren: 'waitpid',
  signalGroup: 'addGroup',
  pidfdOpen: 'openProcess',
  pidfdSignal: 'openProcess',
  pidfdClose: 'openProcess',
  watchExit: 'openProcess',
  takeExited: 'openProcess',
  addGuardedGroup: 'addGroup',
  removeGuardedGroup: 'addGroup',
  openNotifySocket: 'openNotifier',
  closeNotifySocket: 'openNotifier',
  notify: 'openNotifier',
  notifyBarrier: 'openNotifier',
  openWatchdog: 'openNotifier',
  closeWatchdog: 'openNotifier',
  takeInherited: 'listenDescriptors',
  spawn: 'spawn',
  settle: 'spawn',
  unread: 'spawn',
  birthError: 'spawn',
  forgetChild: 'spawn',
  abandonChild: 'spawn',
  captureStacks: 'captureStacks',
  openStackPrinter: 'openDiagnostics',
  closeStackPrinter: 'openDiagnostics',
};

/** What the addon has, and no runtime's JavaScript: each throws ERR_SIGKIT_UNSUPPORTED. */
export function missingFunctions(): MissingFunctions {
  const throwing = Object.entries(missing).map(([name, seen]) => [
    name,
    () => {
      throw unsupported(seen);
    },
  ]);
  return Object.fromEntries(throwing) as MissingFunctions;
}
