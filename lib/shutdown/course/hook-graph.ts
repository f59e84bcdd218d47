import { outOfRange } from '../../base/errors.js';
import type { Hook } from '../types.js';

/** What stands in the graph under one name: a hook, or several of different stages. */
export interface HookEntry {
  readonly name: string;
  readonly hooks: ReadonlyMap<string, Hook>;
  readonly dependsOn: readonly string[];
  readonly timeoutMs: number;
  /** Whether it is planned that it may be given up. */
  readonly expected: boolean;
}

/** The hooks that are registered, and what must stop before what. */
export class HookGraph {
  readonly #entries = new Map<string, HookEntry>();

  /** `stages`: all of them, in their order. @throws ERR_OUT_OF_RANGE, naming the path that cannot be */
  add(entry: HookEntry, stages: readonly string[]): void {
    const { name, dependsOn } = entry;
    if (this.#entries.has(name)) throw outOfRange('name', 'a name that no hook has yet', name);
    for (const needed of dependsOn) this.#checkDependency(entry, needed, stages);
    this.#entries.set(name, entry);
  }

  remove(name: string): boolean {
    return this.#entries.delete(name);
  }

  has(entry: HookEntry): boolean {
    return this.#entries.get(entry.name) === entry;
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Those with a hook in this stage. */
  inStage(stage: string): HookEntry[] {
    return [...this.#entries.values()].filter(({ hooks }) => hooks.has(stage));
  }

  schedule(stage: string): Schedule {
    return new Schedule([...this.#entries.values()], stage);
  }

  #checkDependency(entry: HookEntry, needed: string, stages: readonly string[]): void {
    const refuse = (allowed: string, path: readonly string[]): never => {
      throw outOfRange('options.dependsOn', allowed, path.join(' -> '));
    };
    const there = this.#entries.get(needed);
    if (needed === entry.name) refuse('another hook', [entry.name, needed]);
    if (there === undefined) return refuse('the name of a hook that is there', [entry.name, needed]);
    // What was removed may be added again, and be needed by what stayed.
    const path = this.#pathTo(entry.name, there);
    if (path !== undefined) refuse('no cycle', [entry.name, ...path]);
    const own = lastStage(entry, stages);
    const other = lastStage(there, stages);
    if (stages.indexOf(own) > stages.indexOf(other))
      refuse('a hook of the same stage or of a later one', [`${entry.name} (${own})`, `${needed} (${other})`]);
  }

  #pathTo(goal: string, from: HookEntry): string[] | undefined {
    const cameFrom = new Map<string, string>();
    const open = [from.name];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (name === goal) return pathThrough(cameFrom, from.name, goal);
      for (const next of this.#entries.get(name)?.dependsOn ?? []) {
        if (cameFrom.has(next)) continue;
        cameFrom.set(next, name);
        open.push(next);
      }
    }
    return undefined;
  }
}

function pathThrough(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const path = [end];
  for (let name = end; name !== start;) {
    name = cameFrom.get(name) ?? start;
    path.unshift(name);
  }
  return path;
}

function lastStage({ hooks }: HookEntry, stages: readonly string[]): string {
  return stages.findLast((stage) => hooks.has(stage)) ?? '';
}

/** Hands out the hooks of one stage, each when all that depend on it have ended. */
export class Schedule {
  readonly #stage: string;
  readonly #entries: ReadonlyMap<string, HookEntry>;
  readonly #order: ReadonlyMap<HookEntry, number>;
  // How many of those that need it have not ended.
  readonly #needed = new Map<HookEntry, number>();
  #ready: HookEntry[] = [];

  constructor(entries: readonly HookEntry[], stage: string) {
    this.#stage = stage;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    this.#order = new Map(entries.map((entry, index) => [entry, index]));
    for (const entry of entries) {
      for (const needed of this.#dependenciesOf(entry)) this.#needed.set(needed, (this.#needed.get(needed) ?? 0) + 1);
    }
    this.#free(entries.filter((entry) => !this.#needed.has(entry)));
  }

  /** The next of those that may start now, the last registered first. */
  take(): HookEntry | undefined {
    return this.#ready.pop();
  }

  /** Frees what the entry has needed. */
  end(entry: HookEntry): void {
    this.#free(this.#release(entry));
  }

  // What has no hook in this stage only carries the order on.
  #free(entries: readonly HookEntry[]): void {
    const open = [...entries];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      if (entry.hooks.has(this.#stage)) this.#ready.push(entry);
      else open.push(...this.#release(entry));
    }
    this.#ready.sort((one, other) => (this.#order.get(one) ?? 0) - (this.#order.get(other) ?? 0));
  }

  #release(entry: HookEntry): HookEntry[] {
    return this.#dependenciesOf(entry).filter((needed) => {
      const left = (this.#needed.get(needed) ?? 0) - 1;
      this.#needed.set(needed, left);
      return left === 0;
    });
  }

  #dependenciesOf({ dependsOn }: HookEntry): HookEntry[] {
    return dependsOn.flatMap((name) => this.#entries.get(name) ?? []);
  }
}
