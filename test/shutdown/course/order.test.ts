import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';

import fc from 'fast-check';
import { createShutdown, type Hook, type HookOptions, type Shutdown } from 'sigkit/shutdown';

import { scenario } from '../../support/scenario.js';

const stages = ['stop-accepting', 'drain', 'stop-work', 'release', 'flush'];

interface Node {
  readonly name: string;
  /** Ascending places among the stages; more than one for a participant. */
  readonly stages: readonly number[];
  /** Places of earlier nodes. */
  readonly dependsOn: readonly number[];
  readonly fails: boolean;
}

interface Graph {
  readonly nodes: readonly Node[];
  readonly parallel: readonly boolean[];
}

const drawnNode = fc.record({
  stages: fc.uniqueArray(fc.nat(stages.length - 1), { minLength: 1, maxLength: 3 }),
  dependsOn: fc.uniqueArray(fc.nat(11), { maxLength: 4 }),
  fails: fc.boolean(),
});

const lastOf = (node: Node): number => node.stages.at(-1) ?? 0;

const graphs: fc.Arbitrary<Graph> = fc
  .record({
    drawn: fc.array(drawnNode, { minLength: 1, maxLength: 12 }),
    parallel: fc.array(fc.boolean(), { minLength: stages.length, maxLength: stages.length }),
  })
  .map(({ drawn, parallel }) => {
    const nodes: Node[] = [];
    for (const [index, { stages: places, dependsOn, fails }] of drawn.entries()) {
      const node = { name: `h${index}`, stages: places.toSorted((a, b) => a - b), dependsOn: [], fails };
      const possible = dependsOn.filter((place) => {
        const there = nodes[place];
        return there !== undefined && lastOf(node) <= lastOf(there);
      });
      nodes.push({ ...node, dependsOn: possible });
    }
    return { nodes, parallel };
  });

// Row i has those that i needs, directly or not: they stop after it.
function closure(nodes: readonly Node[]): boolean[][] {
  const needs = nodes.map(({ dependsOn }) => nodes.map((_, place) => dependsOn.includes(place)));
  for (let through = 0; through < nodes.length; through += 1) {
    for (const row of needs) {
      if (row[through] === true) nodes.forEach((_, place) => (row[place] ||= needs[through]?.[place] === true));
    }
  }
  return needs;
}

/** What must run now, said by another algorithm than the one under test. */
class Model {
  readonly #graph: Graph;
  readonly #needs: readonly (readonly boolean[])[];
  readonly #ended = new Set<string>();
  #stage = 0;
  #current: number | undefined;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#needs = closure(graph.nodes);
  }

  running(): string[] {
    for (; this.#stage < stages.length; this.#stage += 1) {
      const left = this.#left();
      if (left.length === 0) continue;
      const free = left.filter((place) => !left.some((other) => this.#needs[other]?.[place] === true));
      const now = this.#graph.parallel[this.#stage] === true ? free : [this.#serial(free)];
      return now.map((place) => this.#key(place)).sort();
    }
    return [];
  }

  end(key: string): void {
    this.#ended.add(key);
    this.#current = undefined;
  }

  #left(): number[] {
    const inStage = this.#graph.nodes.flatMap((node, place) => (node.stages.includes(this.#stage) ? [place] : []));
    return inStage.filter((place) => !this.#ended.has(this.#key(place)));
  }

  // What runs already goes on, though one that was registered later may have become free.
  #serial(free: readonly number[]): number {
    return (this.#current ??= Math.max(...free));
  }

  #key(place: number): string {
    return `${this.#graph.nodes[place]?.name} ${stages[this.#stage]}`;
  }
}

/** A shutdown whose hooks end when they are told to. */
class Gated {
  readonly shutdown: Shutdown = createShutdown({ sigs: [], exit: 'none' });
  readonly begun: string[] = [];
  readonly #gates = new Map<string, () => void>();

  constructor({ nodes, parallel }: Graph) {
    stages.forEach((name, place) => this.shutdown.stage(name, { parallel: parallel[place] }));
    for (const node of nodes) {
      const hooks = Object.fromEntries(node.stages.map((place) => [stages[place] ?? '', this.#hook(node)]));
      this.shutdown.add(node.name, hooks, { dependsOn: node.dependsOn.map((place) => `h${place}`) });
    }
  }

  running(): string[] {
    return [...this.#gates.keys()].sort();
  }

  end(key: string): void {
    this.#gates.get(key)?.();
    this.#gates.delete(key);
  }

  /** Lets all that is left end: there is one shutdown in a process. */
  async finish(): Promise<void> {
    while (this.shutdown.state !== 'exited') {
      for (const key of this.running()) this.end(key);
      await nextTurn();
    }
  }

  #hook({ name, fails }: Node): Hook {
    return ({ stage }) => {
      const key = `${name} ${stage}`;
      this.begun.push(key);
      return new Promise<void>((resolve, reject) =>
        this.#gates.set(key, () => (fails ? reject(new Error(key)) : resolve())),
      );
    };
  }
}

async function check(graph: Graph, choices: readonly number[]): Promise<void> {
  const gated = new Gated(graph);
  try {
    await compare(graph, gated, choices);
  } finally {
    await gated.finish();
  }
}

async function compare(graph: Graph, gated: Gated, choices: readonly number[]): Promise<void> {
  const model = new Model(graph);
  const expected = graph.nodes.flatMap((node) => node.stages.map((place) => `${node.name} ${stages[place]}`)).sort();
  const promises = Array.from({ length: 100 }, () => gated.shutdown.shutdown());
  for (let step = 0; ; step += 1) {
    await nextTurn();
    const running = model.running();
    assert.deepEqual(gated.running(), running);
    const next = running[(choices[step % choices.length] ?? 0) % running.length];
    if (next === undefined) break;
    model.end(next);
    gated.end(next);
    promises.push(gated.shutdown.shutdown());
  }
  assert.deepEqual(new Set(promises), new Set([gated.shutdown.done]));
  const { hooks, forced } = await gated.shutdown.done;
  assert.deepEqual(gated.begun.toSorted(), expected);
  assert.deepEqual(hooks.map(({ name, stage }) => `${name} ${stage}`).sort(), expected);
  assert.equal(forced, false);
  for (const { name, outcome } of hooks) {
    const node = graph.nodes.find((each) => each.name === name);
    assert.equal(outcome, node?.fails === true ? 'failed' : 'done');
  }
}

interface Change {
  readonly add: boolean;
  readonly name: string;
  readonly dependsOn: readonly string[];
}

const names = ['a', 'b', 'c', 'd', 'e'];
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    add: fc.boolean(),
    name: fc.constantFrom(...names),
    dependsOn: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
  }),
  { maxLength: 40 },
);

// Whether there is a way from one to the other. Names that are not there have no dependencies.
function reaches(
  known: ReadonlyMap<string, readonly string[]>,
  from: string,
  to: string,
  seen: string[] = [],
): boolean {
  if (from === to) return true;
  if (seen.includes(from)) return false;
  return (known.get(from) ?? []).some((next) => reaches(known, next, to, [...seen, from]));
}

describe('the order of a shutdown', () => {
  it('keeps every dependency, runs at any time all that may run, and each hook once, however often it is asked', async function () {
    this.timeout(120_000);
    const choices = fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 });
    await fc.assert(fc.asyncProperty(graphs, choices, check), { numRuns: 300 });
  });

  it('has no cycle, whatever is removed and added again; a refused hook changes nothing', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const shutdown = createShutdown({ sigs: [], exit: 'none' });
        const known = new Map<string, readonly string[]>();
        try {
          for (const { add, name, dependsOn } of all) {
            if (!add) {
              assert.equal(shutdown.remove(name), known.delete(name));
              continue;
            }
            const cyclic = dependsOn.some((needed) => reaches(known, needed, name));
            const allowed = !known.has(name) && !cyclic && dependsOn.every((needed) => known.has(needed));
            const call = (): unknown => shutdown.add(name, () => {}, { dependsOn });
            if (allowed) call();
            else assert.throws(call, { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
            if (allowed) known.set(name, dependsOn);
          }
        } finally {
          shutdown.close();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('names the path of a cycle, of a name that is not there, and of a stage that would be too early', () => {
    const shutdown = createShutdown({ sigs: [], exit: 'none' });
    const nothing = (): void => {};
    shutdown
      .add('db', nothing)
      .add('cache', nothing, { dependsOn: 'db' })
      .add('http', nothing, { dependsOn: ['cache'] });
    shutdown.remove('db');
    const add = (name: string, options: HookOptions) => (): unknown => shutdown.add(name, nothing, options);
    assert.throws(add('db', { dependsOn: 'http' }), /'db -> http -> cache -> db'/);
    assert.throws(add('db', { dependsOn: 'db' }), /'db -> db'/);
    assert.throws(add('db', { dependsOn: 'nobody' }), /'db -> nobody'/);
    assert.throws(add('log', { dependsOn: 'http', stage: 'flush' }), /'log \(flush\) -> http \(release\)'/);
    shutdown.close();
  });

  it('by 100 signals and 100 calls at once', () =>
    scenario(async ({ shutdown, childProcess }) => {
      const ending = shutdown.createShutdown({ second: 'ignore', exit: 'none' });
      let runs = 0;
      ending.add('once', () => void (runs += 1));
      const { pid } = process;
      childProcess.execFileSync('/bin/sh', ['-c', `for i in $(seq 50); do kill -TERM ${pid}; kill -INT ${pid}; done`]);
      const results = await Promise.all(Array.from({ length: 100 }, () => ending.shutdown()));
      assert.equal(new Set(results).size, 1);
      assert.equal(runs, 1);
    }));
});
