import type { SignalName } from '../../signals/names.js';
import { signalNumber } from '../../signals/names.js';
import type { Finding, RuleId } from './rules.js';
import type { Scenario } from './scenarios.js';
import { errorIn, type Trial } from './trial.js';

interface Seen {
  readonly graceMs: number;
  readonly trial: Trial & { readonly scenario: Judged };
}

type Say = readonly [rule: RuleId, text: string];

type Judged = Exclude<Scenario, 'sh'>;

// Of each scenario: what it is called if the app does not end, and if it ends in a wrong way.
const names: Readonly<Record<Judged, readonly [stuck: RuleId, crashed: RuleId]>> = {
  term: ['term-ignored', 'bad-status'],
  load: ['load-hangs', 'bad-status'],
  exec: ['start-ignored', 'start-crashes'],
  start: ['start-ignored', 'start-crashes'],
  twice: ['twice-hangs', 'twice-crashes'],
  hup: ['hup-breaks', 'hup-breaks'],
  int: ['int-ignored', 'bad-status'],
  pid1: ['pid1-ignored', 'bad-status'],
  npm: ['npm-swallows', 'npm-swallows'],
};

// An app may give up a start, and be made to hurry, with any status: a crash tells of itself.
const anyStatus: ReadonlySet<Scenario> = new Set(['exec', 'start', 'twice']);
const ownSignals: Readonly<Partial<Record<Scenario, readonly SignalName[]>>> = {
  int: ['SIGINT'],
  hup: ['SIGHUP', 'SIGTERM'],
};
const crash = /^\s+at \S|\bError\b|^Traceback|\bpanic\b/m;
// The signal may be under way still when the first of these are answered.
const readyAnswers = 3;

function isOrderly({ scenario, ended }: Trial): boolean {
  if (ended === null) return false;
  const asked = ownSignals[scenario] ?? ['SIGTERM'];
  if (ended.signal !== null) return asked.some((name) => name === ended.signal);
  return ended.code === 0 || asked.some((name) => ended.code === 128 + signalNumber(name));
}

const howEnded = ({ ended }: Trial): string => ended?.signal ?? `status ${ended?.code}`;

function stuck({ trial, graceMs }: Seen): readonly Say[] {
  const [rule] = names[trial.scenario];
  const seconds = `${graceMs / 1000} s`;
  if (trial.scenario === 'term' && trial.stirred)
    return [['term-late', `it began to stop, and was not done after ${seconds}`]];
  return [[rule, `still there after ${seconds}${trial.stirred ? ', though it began to stop' : ''}; ended by SIGKILL`]];
}

function status({ trial }: Seen): readonly Say[] {
  const { scenario, complaint } = trial;
  // npm has a status of its own.
  if (scenario === 'npm' || isOrderly(trial)) return [];
  if (anyStatus.has(scenario) && !crash.test(complaint)) return [];
  const said = errorIn(complaint);
  return [[names[scenario][1], `ended with ${howEnded(trial)}${said === undefined ? '' : `: ${said}`}`]];
}

function leftovers({ trial }: Seen): readonly Say[] {
  const { scenario, left, cut, locks } = trial;
  if (scenario === 'npm' && left.length > 0)
    return [['npm-swallows', `it ended, and left the app: ${left.join(', ')}`]];
  // SIGKILL or a start that is cut short has its own rules.
  if (scenario !== 'term' && scenario !== 'load') return [];
  return [
    ...(left.length === 0 ? [] : [['children-left', `still running after its end: ${left.join(', ')}`] as const]),
    ...(cut === null ? [] : [['output-cut', `its last line has no end: ${cut.slice(0, 60)}`] as const]),
    ...(locks.length === 0 ? [] : [['lock-left', `left behind: ${locks.join(', ')}`] as const]),
  ];
}

function load({ trial }: Seen): readonly Say[] {
  const { health, load: seen } = trial;
  if (trial.scenario !== 'load') return [];
  const isUp = health !== null && health.length >= readyAnswers && health.every((one) => one >= 200 && one < 300);
  return [
    ...(seen === null || seen.lost === 0
      ? []
      : [['requests-lost', `${seen.lost} requests that it had read got no whole answer`] as const]),
    ...(isUp
      ? [['ready-while-draining', `the readiness page said ${health.at(-1)} ${health.length} times`] as const]
      : []),
  ];
}

/** What a trial shows. */
export function judge(trial: Trial, graceMs: number): readonly Finding[] {
  const { scenario, zombies } = trial;
  // What a shell does with signals is no fault of the app.
  if (trial.untried !== null || scenario === 'sh') return [];
  const seen = { trial: { ...trial, scenario }, graceMs };
  const said: readonly Say[] = [
    ...(trial.ended === null ? stuck(seen) : [...status(seen), ...leftovers(seen)]),
    ...load(seen),
    ...(zombies.length === 0 ? [] : [['zombies', `nobody waits for ${zombies.join(', ')}`] as const]),
  ];
  return said.map(([rule, text]) => ({ rule, where: scenario, text }));
}

/** What is worth knowing of what stands between the app and its signals, and is no fault of the app. */
export function note({ scenario, untried, ended, left }: Trial): string | null {
  const between = { sh: 'sh', npm: 'npm start' }[scenario as string];
  if (between === undefined || untried !== null || (ended !== null && left.length === 0)) return null;
  return `${between} keeps signals from the app here: start it by exec, or by itself`;
}
