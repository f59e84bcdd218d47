import { escapeLine } from '../base/escape.js';
import type { ProcessNode } from '../diagnostics/inspect/children.js';
import { inspectProcess } from '../diagnostics/inspect/inspect.js';
import type { Limit } from '../diagnostics/inspect/limits.js';
import type { InspectedProcess } from '../diagnostics/inspect/types.js';
import { type SignalName, validSignals } from '../signals/names.js';
import { readPid } from './arguments.js';
import { asJson, exitCodes, painted, print, run, table, type Teller } from './telling.js';

const usage = `usage: sigkit inspect [--json] PID

A process as /proc shows it: threads and their signals, the queue, limits, groups, namespaces, control groups, children.
What this user may not see is ?
Exit codes: 0 fine, 2 usage, 3 no such process, 4 nothing can be told
`;

const unseen = '?';
const short = (names: Iterable<SignalName>): string => Array.from(names, (name) => name.slice(3)).join(' ');

/** Of most of them, what is missing. */
export function shownSignals(set: ReadonlySet<SignalName> | null): string {
  if (set === null) return unseen;
  const all = validSignals();
  if (set.size <= all.size / 2) return set.size === 0 ? '-' : short(set);
  const missing = [...all].filter((name) => !set.has(name) && name !== 'SIGKILL' && name !== 'SIGSTOP');
  return missing.length === 0 ? 'all' : `all but ${short(missing)}`;
}

function shownTime(ms: number | null): string {
  if (ms === null) return unseen;
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds.toFixed(2)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const shown = (value: string | number | null): string => (value === null ? unseen : escapeLine(String(value)));
const amount = (value: number): string => (value === Infinity ? 'unlimited' : String(value));
const pairOf = ({ soft, hard }: Limit): string =>
  soft === hard ? amount(soft) : `${amount(soft)} (hard ${amount(hard)})`;

function groupsOf(about: InspectedProcess): string {
  const { group, session, terminal, foregroundGroup } = about;
  const place = foregroundGroup === group ? 'in its foreground' : `foreground is group ${foregroundGroup}`;
  const where = terminal === null ? 'no terminal' : `on ${terminal}, ${place}`;
  return `${shown(group)}, session ${shown(session)}, ${where}`;
}

function stateOf(about: InspectedProcess): string {
  const { state, frozen, tracer, ageMs, cpuMs } = about;
  const more = [frozen === true ? ', frozen' : '', tracer === null || tracer === 0 ? '' : `, traced by ${tracer}`];
  return `${shown(state)}${more.join('')}, ${shownTime(ageMs)} old, ${shownTime(cpuMs)} of processor time`;
}

function usersOf({ users }: InspectedProcess): string {
  if (users === null) return unseen;
  const { real, effective, saved, filesystem } = users;
  if (new Set([real, effective, saved, filesystem]).size === 1) return String(real);
  return `${real}, effective ${effective}, saved ${saved}, filesystem ${filesystem}`;
}

function pidsOf({ namespacePids, isInit }: InspectedProcess): string {
  const below = namespacePids?.slice(1).join(', ') ?? unseen;
  const inside = below === '' ? 'in this pid namespace' : `${below} in its own pid namespace`;
  return isInit === true ? `${inside}, of which it is PID 1` : inside;
}

function namespacesOf({ namespaces }: InspectedProcess, own: InspectedProcess): string {
  if (namespaces === null || own.namespaces === null) return unseen;
  const others = Object.entries(namespaces).filter(([name, inode]) => own.namespaces?.[name] !== inode);
  return others.length === 0 ? 'as here' : `others: ${others.map(([name, inode]) => `${name} ${inode}`).join(', ')}`;
}

function limitsOf(limits: NonNullable<InspectedProcess['limits']>): string {
  const some = Object.entries(limits).filter(([, { soft }]) => soft !== Infinity);
  return some.map(([name, limit]) => `${name} ${pairOf(limit)}`).join(', ') || 'unlimited';
}

function factsOf(about: InspectedProcess): readonly (readonly string[])[] {
  const { signalQueue, cgroups, limits, parent } = about;
  const groups = cgroups?.filter(({ path }) => path !== '/') ?? [];
  return [
    ['state', stateOf(about)],
    ['parent', shown(parent)],
    ['group', groupsOf(about)],
    ['user', usersOf(about)],
    ['pid', pidsOf(about)],
    ['namespaces', namespacesOf(about, inspectProcess())],
    [
      'cgroup',
      cgroups === null ? unseen : groups.map((one) => `${one.hierarchy} ${shown(one.path)}`).join(', ') || '/',
    ],
    ['limits', limits === null ? unseen : limitsOf(limits)],
    [
      'queue',
      signalQueue === null ? unseen : `${signalQueue.used} of ${amount(signalQueue.limit)} signals of its user`,
    ],
    ['pending', shownSignals(about.pending)],
    ['ignored', shownSignals(about.ignored)],
    ['caught', shownSignals(about.caught)],
    ...(about.claimed === null ? [] : [['claimed', `${shownSignals(about.claimed)} (by sigkit)`]]),
  ];
}

function threadsOf({ threads }: InspectedProcess): readonly string[] {
  if (threads === null) return [unseen];
  const rows = threads.map(({ tid, name, state, waitsIn, blocked, pending }) => [
    String(tid),
    shown(name),
    shown(state),
    waitsIn ?? '-',
    shownSignals(pending),
    shownSignals(blocked),
  ]);
  return table([['TID', 'NAME', 'STATE', 'WAITS IN', 'PENDING', 'BLOCKED'], ...rows]);
}

function treeOf(nodes: readonly ProcessNode[], depth: number = 0): readonly (readonly string[])[] {
  return nodes.flatMap(({ pid, name, state, ageMs, children }) => [
    [`${'  '.repeat(depth)}${pid}`, shown(name), shown(state), shownTime(ageMs)],
    ...treeOf(children, depth + 1),
  ]);
}

function textOf(about: InspectedProcess): string {
  const { pid, name, command, children } = about;
  const what =
    command === null || command.length === 0 ? `(${shown(name)})` : command.map((word) => shown(word)).join(' ');
  const [head = '', ...threads] = threadsOf(about);
  const tree = table([['PID', 'NAME', 'STATE', 'AGE'], ...treeOf(children)]);
  const lines = [
    painted('bold', `${pid} ${what}`),
    ...table(factsOf(about)),
    '',
    painted('bold', head),
    ...threads,
    ...(children.length === 0 ? [] : ['', painted('bold', tree[0] ?? ''), ...tree.slice(1)]),
  ];
  return `${lines.join('\n')}\n`;
}

function tell([process = '']: readonly string[], json: boolean): number | string {
  const pid = readPid(process);
  if (pid === undefined) return `no pid: ${escapeLine(process)}`;
  const about = inspectProcess(pid);
  print(json ? asJson(about) : textOf(about));
  return exitCodes.fine;
}

const teller: Teller = { usage, words: ['PID'], tell };

/** `sigkit inspect`. Returns an exit code. */
export const inspect = async (args: readonly string[]): Promise<number> => run(teller, args);
