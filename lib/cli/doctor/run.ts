import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { escapeLine } from '../../base/escape.js';
import type { Options } from './options.js';
import { type Scenario, scenarioNames } from './scenarios.js';
import { attempt, type Known, type Plan, type Trial, untried } from './trial.js';

// Without rights, a user namespace in which this user is itself.
const userNamespace = process.geteuid?.() === 0 ? [] : ['--user', '--map-current-user'];
const unshare = ['unshare', ...userNamespace, '--pid', '--fork', '--kill-child', '--mount-proc', '--'];

/** Why no pid namespace can be made, null if one can. */
function obstacle(): string | null {
  const [file = '', ...args] = unshare;
  const { status, stderr, error } = spawnSync(file, [...args, 'true'], { encoding: 'utf8' });
  if (error !== undefined) return `unshare cannot be run: ${error.message}`;
  return status === 0 ? null : escapeLine(stderr.trim());
}

function hasStartScript(): boolean {
  if (!existsSync('package.json')) return false;
  try {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly scripts?: { readonly start?: string };
    };
    return manifest.scripts?.start !== undefined;
  } catch {
    return false;
  }
}

const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

type Signals = Plan['signals'];

const signalsOf: Readonly<Partial<Record<Scenario, Signals>>> = {
  twice: ['SIGTERM', 'SIGTERM'],
  hup: ['SIGHUP', 'SIGTERM'],
  int: ['SIGINT'],
};

/** @returns a text that says why it is not tried */
function planOf(scenario: Scenario, command: readonly string[]): Plan | string {
  const at = scenario === 'exec' || scenario === 'start' ? scenario : 'ready';
  const plan = { scenario, command, at, signals: signalsOf[scenario] ?? ['SIGTERM'] } as const;
  if (scenario === 'load' || scenario === 'twice') return { ...plan, underLoad: true };
  if (scenario === 'sh') return { ...plan, command: ['sh', '-c', command.map(quoted).join(' ')] };
  if (scenario === 'npm')
    return hasStartScript() ? { ...plan, command: ['npm', 'start'] } : 'there is no package.json with a start script';
  if (scenario !== 'pid1') return plan;
  return obstacle() ?? { ...plan, command: [...unshare, ...command], behindUnshare: true };
}

/** Of a command that does not come so far that a signal can be tried. */
export class CannotRun extends Error {}

async function tryOne(scenario: Scenario, options: Options, known: Known): Promise<Trial> {
  const plan = planOf(scenario, options.command);
  if (typeof plan === 'string') return untried(scenario, plan);
  return attempt(plan, options, known);
}

/** Tries one scenario after the other. @throws CannotRun, ENOENT and its like of the command */
export async function* trials(
  options: Options,
  page: string | undefined,
  interrupted: AbortSignal,
): AsyncGenerator<Trial, void, undefined> {
  let known: Known = { page };
  let [termFails, isTried, why] = [false, false, ''];
  for (const scenario of options.only.length === 0 ? scenarioNames : options.only) {
    if (termFails) {
      yield untried(scenario, 'SIGTERM does not end it at rest');
      continue;
    }
    interrupted.throwIfAborted();
    const trial = await tryOne(scenario, options, known);
    if (scenario === 'term') {
      if (trial.untried !== null) throw new CannotRun(trial.untried);
      termFails = trial.ended === null;
      known = { page, listens: trial.listener !== null, readyMs: trial.readyMs };
    }
    isTried ||= trial.untried === null;
    why ||= trial.untried ?? '';
    yield trial;
  }
  // Of nothing it cannot be said that nothing was found.
  if (!isTried) throw new CannotRun(why);
}
