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
  | 'setsid'
  | 'getsid'
  | 'setStopped'
  | 'tcgetpgrp'
  | 'tcsetpgrp'
  | 'setChildSubreaper'
  | 'isChildSubreaper'
  | 'setParentDeathSignal'
  | 'zombies'
  | 'takeOrphans'
  | 'pidfdOpen'
  | 'expectPidfds'
  | 'openNotifySocket'
  | 'closeNotifySocket'
  | 'notify'
  | 'notifyBarrier'
  | 'openWatchdog'
  | 'closeWatchdog'
  | 'takeInherited'
  | 'setOpenFiles'
  | 'openTerminal'
  | 'resizeTerminal'
  | 'terminalSize'
  | 'setTerminalRaw'
  | 'endOfFileKey'
  | 'settle'
  | 'awaitReadable'
  | 'captureStacks'
  | 'openDiagnostics'
  | 'closeDiagnostics'
  | 'takeDiagnosticRequests'
  | 'finishDiagnosticRequest'
  | 'tellState'
  | 'ownDescriptors'
  | 'openStallListener'
  | 'closeStallListener'
  | 'takeStalls';

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
  setsid: 'setsid',
  getsid: 'getsid',
  setStopped: 'terminateTree',
  tcgetpgrp: 'tcgetpgrp',
  tcsetpgrp: 'tcsetpgrp',
  setChildSubreaper: 'setChildSubreaper',
  isChildSubreaper: 'isChildSubreaper',
  setParentDeathSignal: 'setParentDeathSignal',
  zombies: 'reapOrphans',
  takeOrphans: 'reapOrphans',
  pidfdOpen: 'openProcess',
  expectPidfds: 'terminateTree',
  openNotifySocket: 'openNotifier',
  closeNotifySocket: 'openNotifier',
  notify: 'openNotifier',
  notifyBarrier: 'openNotifier',
  openWatchdog: 'openNotifier',
  closeWatchdog: 'openNotifier',
  takeInherited: 'listenDescriptors',
  setOpenFiles: 'openNotifier',
  openTerminal: 'tcsetpgrp',
  resizeTerminal: 'tcsetpgrp',
  terminalSize: 'tcsetpgrp',
  setTerminalRaw: 'tcsetpgrp',
  endOfFileKey: 'tcsetpgrp',
  settle: 'openNotifier',
  awaitReadable: 'openNotifier',
  captureStacks: 'captureStacks',
  openDiagnostics: 'openDiagnostics',
  closeDiagnostics: 'openDiagnostics',
  takeDiagnosticRequests: 'openDiagnostics',
  finishDiagnosticRequest: 'openDiagnostics',
  tellState: 'openDiagnostics',
  ownDescriptors: 'openDiagnostics',
  openStallListener: 'onLoopStall',
  closeStallListener: 'onLoopStall',
  takeStalls: 'onLoopStall',
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
