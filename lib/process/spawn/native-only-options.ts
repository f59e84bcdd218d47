import { portable } from '../../base/native.js';
import { unsupportedHere } from '../../base/unsupported.js';
import type { ChildSettings } from './child-settings.js';

type Name =
  | 'processGroup'
  | 'foreground'
  | 'signalMask'
  | 'defaultSignals'
  | 'ignoreSignals'
  | 'parentDeathSignal'
  | 'groups'
  | 'terminal'
  | 'contain'
  | keyof ChildSettings;

const terminal = 'a terminal emulator or script(1), which make a terminal of their own';
const setpriv = 'setpriv(1)';
const mask = 'the child itself can set that';

// What child_process has nothing for, and what does instead.
const instead: Readonly<Record<Name, string>> = {
  processGroup: 'processGroup: true makes a group',
  foreground: terminal,
  signalMask: mask,
  defaultSignals: "'all'",
  ignoreSignals: mask,
  parentDeathSignal: 'the child can watch for the end of its stdin',
  terminal: terminal,
  groups: 'uid and gid, which drop all others',
  limits: 'ulimit of a shell, which then executes the program',
  nice: 'os.setPriority(child.pid, nice)',
  ioPriority: 'ionice(1)',
  oomScoreAdj: 'choom(1)',
  umask: 'umask of a shell, which then executes the program',
  affinity: 'taskset(1)',
  noNewPrivileges: setpriv,
  keepCapabilities: setpriv,
  cgroup: 'systemd-run(1)',
  contain: 'processGroup: true, and the disposal of the child',
};

/** Refuses what child_process would ignore. @throws ERR_SIGKIT_UNSUPPORTED */
export function refuseNativeOnly(wished: Readonly<Record<Name, boolean>>): void {
  if (portable === undefined) return;
  for (const [name, other] of Object.entries(instead))
    if (wished[name as Name]) throw unsupportedHere(`the option "${name}" of spawn()`, other);
}
