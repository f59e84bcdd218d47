import { milliseconds } from '../options.js';
import { beginsWithInit, between, killsIn, type Said, wordsIn } from './words.js';
import type { Entry } from './yaml.js';

/** What is known beside these files. */
export interface Beside {
  readonly graceMs: number;
  /** Whether the image has an init of its own. */
  readonly imageHasInit: boolean;
  /** Whether the app has been seen to go on serving after the signal. */
  readonly drains: boolean;
}

type Section = ReadonlyMap<string, Entry>;

/** The values below each `prefix` of the pattern, by the path below it. */
function sectionsOf(entries: readonly Entry[], pattern: RegExp): readonly Section[] {
  const found = new Map<string, Map<string, Entry>>();
  for (const entry of entries) {
    const prefix = pattern.exec(entry.path)?.[0];
    if (prefix === undefined) continue;
    const section = found.get(prefix) ?? new Map<string, Entry>();
    found.set(prefix, section.set(entry.path.slice(prefix.length), entry));
  }
  return [...found.values()];
}

function listAt(section: Section, name: string): readonly Entry[] {
  const alone = section.get(name);
  if (alone !== undefined) return [alone];
  return [...section].flatMap(([path, entry]) => (path.startsWith(`${name}.`) ? [entry] : []));
}

const wordsOf = (list: readonly Entry[]): readonly string[] =>
  list.length === 1 ? wordsIn(list[0]?.value ?? '') : list.map(({ value }) => value);

const isTerm = (name: string): boolean => /^(?:SIG)?TERM$|^15$/.test(name);

function inService(section: Section, beside: Beside): readonly Said[] {
  const said: Said[] = [];
  const grace = section.get('stop_grace_period');
  // Docker's own is ten seconds.
  const ms = grace === undefined ? 10_000 : milliseconds(grace.value, 1000);
  const [first] = section.values();
  if (ms < beside.graceMs)
    said.push([
      'short-grace',
      grace?.line ?? first?.line ?? 1,
      `${ms / 1000} s to stop, of ${beside.graceMs / 1000} s`,
    ]);
  const stop = section.get('stop_signal');
  if (stop !== undefined && !isTerm(stop.value)) said.push(['stop-signal', stop.line, `stop_signal: ${stop.value}`]);
  const lists = ['entrypoint', 'command'].map((name) => listAt(section, name));
  for (const list of lists) said.push(...between(wordsOf(list), list[0]?.line ?? 1));
  const init = section.get('init');
  const ownInit = lists[0]?.length === 0 ? beside.imageHasInit && section.has('build') : false;
  if (init?.value === 'true' && (ownInit || lists.some((list) => beginsWithInit(wordsOf(list)))))
    said.push(['two-inits', init.line, 'init: true, and an init of its own']);
  return said;
}

/** Reads a Compose file. */
export function readCompose(entries: readonly Entry[], beside: Beside): readonly Said[] {
  return sectionsOf(entries, /^services\.[^.]+\./).flatMap((section) => inService(section, beside));
}

/** Whether an init of the runtime is asked for. */
export const composeHasInit = (entries: readonly Entry[]): boolean =>
  entries.some(({ path, value }) => /^services\.[^.]+\.init$/.test(path) && value === 'true');

// How long a hook sleeps, in ms.
function sleepIn(hook: readonly Entry[]): number {
  const native = hook.find(({ path }) => path.endsWith('.sleep.seconds'));
  const text = hook.map(({ value }) => value).join(' ');
  const seconds = native?.value ?? /\bsleep\s+(\d+(?:\.\d+)?)/.exec(text)?.[1];
  return Number(seconds ?? 0) * 1000;
}

function inContainer(section: Section, graceOf: Entry | undefined, beside: Beside): readonly Said[] {
  const said: Said[] = [];
  const [first] = section.values();
  const hook = listAt(section, 'lifecycle.preStop');
  const speaks = [...section.keys()].some((name) => /^ports\.|^(?:readiness|liveness)Probe\.httpGet\./.test(name));
  const sleep = sleepIn(hook);
  const given = Number(graceOf?.value ?? 30) * 1000;
  const line = graceOf?.line ?? first?.line ?? 1;
  if (sleep + beside.graceMs > given)
    said.push(['short-grace', line, `${given / 1000} s to stop, of ${(sleep + beside.graceMs) / 1000} s with preStop`]);
  if (speaks && hook.length === 0 && !beside.drains)
    said.push(['no-prestop', first?.line ?? 1, 'requests still come for a moment after SIGTERM']);
  const command = ['command', 'args'].flatMap((name) => listAt(section, name));
  return [
    ...said,
    ...between(
      command.map(({ value }) => value),
      command[0]?.line ?? 1,
    ),
  ];
}

/** Reads one document of a Kubernetes file. */
export function readKubernetes(entries: readonly Entry[], beside: Beside): readonly Said[] {
  const grace = entries.find(({ path }) => path.endsWith('spec.terminationGracePeriodSeconds'));
  const containers = sectionsOf(entries, /^(?:.*\.)?spec\.containers\.\d+\./);
  return containers.flatMap((section) => [
    ...inContainer(section, grace, beside),
    ...[...section.values()].flatMap(({ value, line }) => killsIn(value, line)),
  ]);
}
