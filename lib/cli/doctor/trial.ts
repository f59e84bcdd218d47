import { readdirSync, rmSync } from 'node:fs';

import type { ProcessStat } from '../../process/proc-stat.js';
import { type SignalName, signalNumber } from '../../signals/names.js';
import { App, killMembers, members } from './app.js';
import { HealthWatch, Load } from './load.js';
import type { Options } from './options.js';
import { type Readiness, untilReady } from './ready.js';
import type { Scenario } from './scenarios.js';
import { type Listener, listenersOf } from './tcp.js';

/** What one start of the app has shown. */
export interface Trial {
  readonly scenario: Scenario;
  /** Why it showed nothing; null if it was tried. */
  readonly untried: string | null;
  /** How it ended by itself, null if it did not within the grace. */
  readonly ended: { readonly code: number | null; readonly signal: string | null } | null;
  readonly readyMs: number;
  readonly tookMs: number;
  /** Where it listened when it was ready. */
  readonly listener: Listener | null;
  /** Whether it had begun to stop, where it did not end. */
  readonly stirred: boolean;
  /** What it ran beside itself when it was ready. */
  readonly helpers: readonly string[];
  readonly left: readonly string[];
  readonly zombies: readonly string[];
  readonly locks: readonly string[];
  /** The end of its last line, where that has none. */
  readonly cut: string | null;
  /** What it has written to stderr since the signal. */
  readonly complaint: string;
  readonly load: { readonly held: number; readonly lost: number } | null;
  /** What the readiness page said since the signal; null if it was not asked. */
  readonly health: readonly number[] | null;
}

/** How an app is started, and what it is sent. */
export interface Plan {
  readonly scenario: Scenario;
  readonly command: readonly string[];
  readonly signals: readonly SignalName[];
  readonly behindUnshare?: boolean;
  /** When the first signal is sent. */
  readonly at: 'exec' | 'start' | 'ready';
  readonly underLoad?: boolean;
}

/** What earlier starts have shown. */
export interface Known {
  readonly listens?: boolean;
  readonly readyMs?: number;
  /** What may be its readiness page. */
  readonly page?: string | undefined;
}

const lockFile = /\.(?:pid|lock|sock)$/;
// How long what has got a signal may take until it shows anything of it.
const afterHangupMs = 100;
const usualReadyMs = 1000;

const locksHere = (): readonly string[] => readdirSync('.').filter((name) => lockFile.test(name));

const named = (some: readonly ProcessStat[]): readonly string[] => some.map(({ pid, comm }) => `${comm} (${pid})`);

/** The line that tells of an error: above it Node has the source that threw it, below the stack and its version. */
export function errorIn(text: string): string | undefined {
  const lines = text.split('\n');
  const line = lines.find((one) => /^\W*\w*Error\b|panic/.test(one)) ?? lines.find((one) => /Error\b/.test(one));
  return line?.trim();
}

/** What has not been tried, or came to nothing. */
export const untried = (scenario: Scenario, why: string, readyMs: number = 0): Trial => ({
  scenario,
  untried: why,
  ended: null,
  readyMs,
  tookMs: 0,
  listener: null,
  stirred: false,
  helpers: [],
  left: [],
  zombies: [],
  locks: [],
  cut: null,
  complaint: '',
  load: null,
  health: null,
});

/** A start that is under way. */
class Attempt {
  readonly app: App;
  readonly #plan: Plan;
  readonly #options: Options;
  readonly #known: Known;
  readonly #before: ReadonlySet<string> = new Set(locksHere());
  readonly #started = performance.now();
  #load: Load | null = null;
  #health: HealthWatch | null = null;

  constructor(plan: Plan, options: Options, known: Known) {
    this.#plan = plan;
    this.#options = options;
    this.#known = known;
    this.app = new App(plan.command, plan.behindUnshare);
  }

  async run(): Promise<Trial> {
    const ready = await this.#moment();
    const readyMs = performance.now() - this.#started;
    if (ready === 'ended' || ready === 'late') return untried(this.#plan.scenario, this.#whyNot(ready), readyMs);
    const problem = await this.#prepare(ready);
    if (problem !== null) return untried(this.#plan.scenario, problem, readyMs);
    return this.#stop(ready, readyMs);
  }

  async clean(): Promise<void> {
    this.#load?.stop();
    this.#health?.stop();
    await killMembers();
    // The next start would take them for those of an app that runs.
    for (const name of this.#newLocks()) rmSync(name, { force: true });
  }

  #newLocks(): readonly string[] {
    return locksHere().filter((name) => !this.#before.has(name));
  }

  // Until the first signal is due.
  async #moment(): Promise<Readiness> {
    const { at } = this.#plan;
    if (at === 'exec') return null;
    if (at === 'ready') return untilReady(this.app, this.#options, this.#known.listens);
    const { app } = this;
    // With the first thing that it says it is under way, and most have handlers by then.
    await app.until(() => app.written > 0, ((this.#known.readyMs ?? usualReadyMs) * 3) / 4);
    return app.result === null ? null : 'ended';
  }

  #whyNot(why: 'ended' | 'late'): string {
    const { output, result } = this.app;
    if (why === 'late') return `not ready after ${this.#options.deadlineMs / 1000} s`;
    const how = result?.termSignal ?? `status ${result?.exitCode}`;
    const text = output.err.trim() || output.out.trim();
    const said = errorIn(text) ?? text.slice(text.lastIndexOf('\n') + 1);
    return `it ended by itself, ${how}, before it was ready${said === '' ? '' : `: ${said}`}`;
  }

  async #prepare(ready: Listener | null): Promise<string | null> {
    const { underLoad, scenario } = this.#plan;
    if (underLoad !== true) return null;
    const { health, page } = this.#options;
    if (scenario === 'load' && !(await this.#watch(ready)) && health !== undefined)
      return `${health} is not 2xx at rest`;
    if (ready !== null) this.#load = new Load(ready, page);
    const answers = (await this.#load?.start()) === true;
    if (answers) return null;
    this.#load?.stop();
    this.#load = null;
    if (scenario !== 'load' || this.#health !== null) return null;
    return ready === null ? 'it listens on no port' : `port ${ready.port} speaks no HTTP`;
  }

  async #watch(ready: Listener | null): Promise<boolean> {
    const page = this.#options.health ?? (ready === null ? undefined : this.#known.page);
    if (page === undefined) return false;
    const health = new HealthWatch(page, ready);
    if (!(await health.isFine())) return false;
    this.#health = health;
    return true;
  }

  async #send(): Promise<void> {
    const [first = 'SIGTERM', second] = this.#plan.signals;
    this.app.send(first);
    void this.#health?.watch();
    if (second === undefined) return;
    // Two of a kind that wait would be one.
    await this.app.until(() => this.app.hasTaken(signalNumber(first)), this.#options.graceMs);
    if (first !== second) await this.app.endsWithin(afterHangupMs);
    if (this.app.result === null) this.app.send(second);
  }

  async #stop(listener: Listener | null, readyMs: number): Promise<Trial> {
    const { app } = this;
    const zombies = this.#plan.at === 'ready' ? await app.zombies() : [];
    const helpers = app.helpers();
    const [before, said] = [app.written, app.output.err.length];
    await this.#load?.aim();
    const sent = performance.now();
    await this.#send();
    const ended = await app.endsWithin(this.#options.graceMs);
    const tookMs = performance.now() - sent;
    const stirred = app.written > before || (listener !== null && !this.#listens(listener));
    if (ended) await this.#load?.settle();
    else this.#load?.stop();
    const left = ended ? await app.left() : [];
    const { out, err } = app.output;
    return {
      scenario: this.#plan.scenario,
      untried: null,
      readyMs,
      ended: ended && app.result !== null ? { code: app.result.exitCode, signal: app.result.termSignal } : null,
      tookMs,
      listener,
      stirred,
      helpers: named(helpers),
      left: named(left),
      zombies: named(zombies),
      locks: ended ? this.#newLocks() : [],
      cut: ended && app.written > before && /\n[^\n]+$/.test(out) ? out.slice(out.lastIndexOf('\n') + 1) : null,
      complaint: err.slice(said),
      load: this.#load === null ? null : { held: this.#load.held, lost: this.#load.lost },
      health: this.#health?.statuses ?? null,
    };
  }

  #listens({ port }: Listener): boolean {
    return listenersOf(members().map(({ pid }) => pid)).some((one) => one.port === port);
  }
}

/** Starts the app, and ends it and all that it has started, in whatever way. @throws ENOENT and its like of the command */
export async function attempt(plan: Plan, options: Options, known: Known): Promise<Trial> {
  const one = new Attempt(plan, options, known);
  try {
    return await one.run();
  } finally {
    await one.clean();
  }
}
