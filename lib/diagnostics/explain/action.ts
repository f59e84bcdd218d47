import type { DefaultAction, SignalName } from '../../signals/names.js';
import { msPerTick } from '../../process/proc-stat.js';
import { children } from '../../process/ending/tree.js';
import { hasSignal } from '../../signals/signal-mask.js';
import { maskIn } from '../../signals/proc-status.js';
import { ageOf } from '../inspect/children.js';
import { type Case, isClaimed, isDefault, lineOf } from './case.js';
import type { Finding } from './finding.js';
import { commandOf, isManager, isNode, launcherIn, shownCommand } from './programs.js';

const sigint = 2;
const sigterm = 15;
// Of a busy processor, long after Node has installed its handlers: 60 ms are what that takes.
const startingMs = 500;

/** What SIGCONT does, it does whether or not anybody blocks or ignores it. */
export function continues({ signal, snapshot, pid }: Case): Finding | null {
  const state = snapshot.stat?.state;
  if (signal.signal !== 'SIGCONT') return null;
  return {
    code: 'continues',
    outcome: 'delivered',
    text: state === 'T' ? 'it is stopped, and goes on' : 'it is not stopped: there is nothing to continue',
    evidence: [`/proc/${pid}/stat: state ${state}`],
  };
}

const nodesOwn: Readonly<Partial<Record<SignalName, string>>> = {
  SIGINT: '; without one, Node resets the terminal and ends',
  SIGTERM: '; without one, Node resets the terminal and ends',
  SIGUSR1: '; without one, Node opens its debugger',
};

export function caught(the: Case): Finding | null {
  const { signal, snapshot, open } = the;
  if (!the.caught || isClaimed(the) || open.length === 0) return null;
  const loop = isNode(snapshot)
    ? `. In Node a listener gets it from the event loop, not while that is blocked${nodesOwn[signal.signal] ?? ''}`
    : '';
  return {
    code: 'caught',
    outcome: 'delivered',
    text: `a handler of the process takes ${signal.signal}; whose it is, /proc does not tell${loop}`,
    evidence: [lineOf(the, 'SigCgt')],
  };
}

const actions: Readonly<Record<DefaultAction, string>> = {
  terminate: 'the process ends',
  core: 'the process ends, with a core dump where its limit allows one',
  stop: 'the process stops',
  continue: '',
  ignore: '',
};

export function byDefault(the: Case): Finding | null {
  const { signal, open } = the;
  const what = actions[signal.defaultAction];
  if (!isDefault(the) || what === '' || open.length === 0) return null;
  return {
    code: 'default',
    outcome: 'delivered',
    text: signal.catchable
      ? `nobody handles ${signal.signal}: ${what}`
      : `no program can handle ${signal.signal}: ${what}`,
    evidence: [lineOf(the, 'SigCgt'), lineOf(the, 'SigIgn')],
  };
}

/** Before it has the handlers that every Node has, no listener of a program can be there. */
export function nodeStarting(the: Case): Finding | null {
  const { signal, snapshot, status, pid } = the;
  const { stat } = snapshot;
  const handlers = maskIn(status, 'SigCgt');
  if (stat === null || !isDefault(the) || !signal.catchable || !isNode(snapshot)) return null;
  if (hasSignal(handlers, sigint) || hasSignal(handlers, sigterm) || stat.cpuTicks * msPerTick > startingMs)
    return null;
  return {
    code: 'node-starting',
    outcome: 'lost',
    text: `Node is starting: it has no handler yet, and no listener of the program gets ${signal.signal}. sigkit-init --hold keeps it until one is there`,
    evidence: [
      lineOf(the, 'SigCgt'),
      `/proc/${pid}/stat: ${stat.cpuTicks * msPerTick} ms of processor time, ${ageOf(stat.startTime)} ms old`,
    ],
  };
}

// npm's own run-script passes these two on; others do no more.
const managersPass: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM']);
const passes = (name: string, { signal }: Case): boolean => isManager(name) && managersPass.has(signal.signal);

const passedOn = (name: string): string =>
  isManager(name)
    ? `${name} passes on SIGINT and SIGTERM at most, and to its own child alone`
    : `${name} passes nothing on, unless a trap of its own does`;

/** What a shell or npm is sent, it does not pass on to what it runs. */
export function launcher(the: Case): Finding | null {
  const { pid, snapshot, signal } = the;
  const name = launcherIn(snapshot.command ?? []);
  if (name === null || signal.defaultAction === 'ignore') return null;
  const below = children(pid);
  if (below.length === 0) return null;
  // A shell gets what npm passes on, and its program does not.
  const comesOn = passes(name, the) && below.every((child) => launcherIn(commandOf(child)) === null);
  const who = below.length === 1 ? `child ${below[0]}` : `children ${below.join(', ')}`;
  const what = passes(name, the)
    ? `${who} ${comesOn ? 'may get it' : 'may get it, but not what that runs'}`
    : `its ${who} ${below.length === 1 ? 'gets' : 'get'} no ${signal.signal}`;
  const trapped = the.caught && !isManager(name);
  return {
    code: 'launcher',
    outcome: comesOn || trapped ? 'note' : 'lost',
    text: `${passedOn(name)}: ${what}. Signal the program, or start it by exec`,
    evidence: [pid, ...below].map((shown) => `/proc/${shown}/cmdline: ${shownCommand(commandOf(shown))}`),
  };
}

/** Who signals the parent does not reach this one. */
export function behindLauncher(the: Case): Finding | null {
  const { snapshot, signal } = the;
  const parent = snapshot.stat?.parent ?? 0;
  if (parent === 0) return null;
  const command = commandOf(parent);
  const name = launcherIn(command);
  if (name === null || passes(name, the)) return null;
  return {
    code: 'behind-launcher',
    outcome: 'note',
    text: `behind its parent ${parent}: ${passedOn(name)}. A ${signal.signal} that is sent to that does not come here`,
    evidence: [`/proc/${parent}/cmdline: ${shownCommand(command)}`],
  };
}
