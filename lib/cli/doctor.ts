import { isError } from '../base/errors.js';
import { escapeLine } from '../base/escape.js';
import { native } from '../base/native.js';
import { setChildSubreaper } from '../process/groups.js';
import { reapOrphans } from '../process/waiting/reaper.js';
import { killMembers } from './doctor/app.js';
import { judge, note } from './doctor/judge.js';
import { lint, readinessPage } from './doctor/lint/lint.js';
import { type Options, readOptions } from './doctor/options.js';
import { type Finding, rules } from './doctor/rules.js';
import { CannotRun, trials } from './doctor/run.js';
import { scenarioNames, scenarios } from './doctor/scenarios.js';
import type { Trial } from './doctor/trial.js';
import { asJson, exitCodes, painted, print, refuse, table } from './telling.js';

const usage = `usage: sigkit doctor [options] -- COMMAND [ARGS]
       sigkit doctor [options] --lint

Starts the app, ends it in several ways, and tells what goes wrong; and reads the files beside it that say how it is run.
  --port N        it is ready when it listens there; by default on any port, or when it has been quiet for a while
  --ready /LINE/  when it has written this        --time MS       not before that
  --grace TIME    how long it may take to stop: 10s        --deadline TIME  how long to start: 30s
  --path PATH     what is requested under load: /          --health PATH    its readiness page, or http://…
  --try LIST      only some: ${scenarioNames.join(',')}
  --lint          only the files                           --json
Exit codes: 0 nothing found, 1 something found, 2 usage, 4 the app could not be run
`;

interface Report {
  readonly trials: readonly Trial[];
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

// What several scenarios show is told once.
function grouped(findings: readonly Finding[]): readonly Finding[] {
  const byRule = new Map<string, Finding>();
  for (const one of findings) {
    const known = byRule.get(one.rule);
    byRule.set(one.rule, known === undefined ? one : { ...known, where: `${known.where}, ${one.where}` });
  }
  return [...byRule.values()];
}

function shownTrial({ scenario, untried, ended, tookMs, load }: Trial): readonly string[] {
  if (untried !== null) return [scenario, `${scenarios[scenario]}: not tried: ${escapeLine(untried)}`];
  const how = ended === null ? 'not ended' : (ended.signal ?? `status ${ended.code}`);
  const held = load === null ? '' : `, ${load.held} requests in flight`;
  return [scenario, `${scenarios[scenario]}: ${how} after ${Math.round(tookMs)} ms${held}`];
}

function textOf({ trials: tried, findings, notes }: Report): string {
  const lines = [
    ...table(tried.map(shownTrial)),
    ...notes.map((line) => painted('dim', escapeLine(line))),
    ...findings.flatMap(({ rule, where, text }) => {
      const [section, advice] = rules[rule];
      return [
        '',
        `${painted('red', rule)}  ${escapeLine(where)}: ${escapeLine(text)}`,
        `  ${advice}`,
        painted('dim', `  docs/runbooks.md#${section}`),
      ];
    }),
    ...(findings.length === 0 ? ['nothing found'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const withAdvice = ({ rule, ...seen }: Finding): object => {
  const [section, advice] = rules[rule];
  return { rule, ...seen, advice, link: `docs/runbooks.md#${section}` };
};

// Without a signal nothing is started.
async function examine(options: Options, interrupted: AbortSignal | null): Promise<Report> {
  const tried: Trial[] = [];
  if (interrupted !== null) for await (const trial of trials(options, readinessPage(), interrupted)) tried.push(trial);
  const helpers = tried.find(({ scenario }) => scenario === 'term')?.helpers ?? [];
  const drains = tried.some(({ health }) => health?.includes(503) === true);
  const { findings, notes, hasInit } = lint({ graceMs: options.graceMs, helpers, drains });
  const seen = tried.flatMap((trial) => judge(trial, options.graceMs));
  const told = tried.flatMap((trial) => note(trial) ?? []);
  // The files say that it is not PID 1, and whether npm has more to do than to start it.
  const throughNpm = findings.some(({ rule }) => rule === 'start-script' || rule === 'npm-command');
  const own = seen.filter(
    ({ where, rule }) => (where !== 'pid1' || !hasInit) && (rule !== 'npm-swallows' || throughNpm),
  );
  return { trials: tried, findings: [...grouped(own), ...findings], notes: [...told, ...notes] };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// What has been started does not outlive this, whatever ends it.
async function contained<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  native();
  setChildSubreaper();
  const reaper = reapOrphans({ graceMs: 0 });
  const stop = new AbortController();
  const end = (signal: NodeJS.Signals): void => {
    stop.abort(signal);
    void killMembers();
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await work(stop.signal);
  } finally {
    await killMembers();
    for (const signal of signals) process.removeListener(signal, end);
    reaper.close();
    // Nothing follows: it dies of that.
    if (stop.signal.aborted) process.kill(process.pid, stop.signal.reason as NodeJS.Signals);
  }
}

function failed(error: unknown): number {
  if (!isError(error)) throw error;
  const what = error instanceof CannotRun ? 'the app could not be tried: ' : '';
  process.stderr.write(`sigkit: ${what}${escapeLine(error.message)}\n`);
  return exitCodes.cannotTell;
}

/** `sigkit doctor`. Returns an exit code. */
export async function doctor(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') return refuse(usage, options);
  if (options.help) {
    print(usage);
    return exitCodes.fine;
  }
  try {
    const report = await (options.lint
      ? examine(options, null)
      : contained((interrupted) => examine(options, interrupted)));
    print(options.json ? asJson({ ...report, findings: report.findings.map(withAdvice) }) : textOf(report));
    return report.findings.length > 0 ? exitCodes.found : exitCodes.fine;
  } catch (error) {
    return failed(error);
  }
}
