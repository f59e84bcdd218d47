import { portable } from '../../base/native.js';
import { unsupportedHere } from '../../base/unsupported.js';

type Name =
  | 'processGroup'
  | 'foreground'
  | 'signalMask'
  | 'defaultSignals'
  | 'ignoreSignals'
  | 'parentDeathSignal'
  | 'groups';

const terminal = 'a terminal emulator or script(1), which make a terminal of their own';
const mask = 'the child itself can set that';

// What child_process has nothing for, and what does instead.
const instead: Readonly<Record<Name, string>> = {
  processGroup: 'processGroup: true makes a group',
  foreground: terminal,
  signalMask: mask,
  defaultSignals: "'all'",
  ignoreSignals: mask,
  parentDeathSignal: 'the child can watch for the end of its stdin',
  groups: 'uid and gid, which drop all others',
};

/** Refuses what child_process would ignore. @throws ERR_SIGKIT_UNSUPPORTED */
export function refuseNativeOnly(wished: Readonly<Record<Name, boolean>>): void {
  if (portable === undefined) return;
  for (const [name, other] of Object.entries(instead))
    if (wished[name as Name]) throw unsupportedHere(`the option "${name}" of spawn()`, other);
}
