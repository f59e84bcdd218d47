import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { areas } from '../bench/areas/all.js';
import { bounds, brokenBounds } from '../bench/bounds.js';
import { judge } from '../bench/report/goals.js';
import type { Table } from '../bench/report/model.js';
import { toSvg } from '../bench/report/svg.js';
import { printed } from '../bench/report/table.js';

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As `toJson` writes it: what has no number is null. */
interface Written {
  readonly machine: { readonly versions: Readonly<Record<string, string>> };
  readonly quick: boolean;
  readonly tables: readonly (Omit<Table, 'results' | 'goals'> & {
    readonly results: readonly {
      readonly contender: string;
      readonly values: Readonly<Record<string, readonly (number | null)[]>>;
      readonly medians: Readonly<Record<string, number | null>>;
      readonly ratios: Readonly<Record<string, number | null>>;
    }[];
    readonly goals: readonly { readonly contender: string; readonly reached: boolean }[];
  })[];
}

const main = fileURLToPath(new URL('../bench/main.js', import.meta.url));
const deadlineMs = 300_000;

function bench(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Run {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: deadlineMs, env });
}

function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close = '', name = '', alone = ''] of svg.matchAll(
    /<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g,
  )) {
    if (close !== '') assert.equal(open.pop(), name);
    else if (alone === '') open.push(name);
  }
  assert.deepEqual(open, []);
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  assert.doesNotMatch(svg.replace(/&#\d+;/g, ''), /&/);
}

function tableOf(own: readonly number[], other: readonly number[]): Table {
  return {
    id: 'sample',
    title: 'A <sample>',
    method: 'Made up.',
    columns: [{ name: 'wall', unit: 'ms', digits: 1 }],
    baseline: 'other',
    results: [
      { contender: 'sigkit', values: { wall: own } },
      { contender: 'other', values: { wall: other } },
    ],
    missing: [{ contender: 'third', reason: 'not installed: third' }],
    goals: [],
  };
}

describe('the bench', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-bench-test-'));
  after(() => rmSync(folder, { recursive: true }));

  describe('in its short form', () => {
    const json = path.join(folder, 'all.json');
    const plots = path.join(folder, 'plots');
    let run: Run;
    let written: Written;

    before(function () {
      // With a sanitizer it would measure the sanitizer.
      if (process.env['SIGKIT_SANITIZER'] !== undefined) this.skip();
      this.timeout(deadlineMs);
      run = bench(['--quick', '--json', json, '--svg', plots]);
      assert.equal(run.status, 0, run.stdout + run.stderr);
      written = JSON.parse(readFileSync(json, 'utf8')) as Written;
    });

    it('measures each area', () => {
      const ids = written.tables.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const { name } of areas)
        assert.ok(
          ids.some((id) => id.startsWith(name)),
          name,
        );
    });

    it('prints the machine, the versions, and each table with each contender', () => {
      assert.match(run.stdout, /^\d{4}-\d\d-\d\dT[\d:.]+Z: \d+ x .+, \d+ MiB, Linux \S+, load [\d.]+$/m);
      assert.match(run.stdout, /^node [\d.]+, sigkit [\d.]+, gcc [\d.]+, go .+, rustc .+, python .+, tini .+$/m);
      for (const { id, title, results, missing, goals } of written.tables) {
        const start = run.stdout.indexOf(`\n${id}: ${title}\n`);
        assert.ok(start >= 0, id);
        const [part = ''] = run.stdout.slice(start).split(/\n\n(?=[a-z-]+: )/);
        for (const { contender } of results) assert.ok(part.includes(`\n${contender} `), `${id}: ${contender}`);
        for (const { contender, reason } of missing) assert.ok(part.includes(`\nmissing: ${contender}: ${reason}`));
        assert.equal(part.match(/^goal (?:reached|not reached|not measured): /gm)?.length ?? 0, goals.length);
      }
    });

    it('writes JSON with a value for each round, contender and column', () => {
      assert.equal(written.quick, true);
      assert.equal(written.machine.versions['node'], process.versions.node);
      for (const { id, columns, results, missing, method, goals } of written.tables) {
        assert.ok(results.length > 0 && method.endsWith('.'), id);
        for (const { contender, values, medians } of results) {
          const lengths = columns.map(({ name }) => values[name]?.length ?? 0);
          assert.ok(Math.max(...lengths) > 0, `${id}: ${contender}`);
          assert.deepEqual(
            Object.keys(medians),
            columns.map(({ name }) => name),
          );
          assert.ok(
            Object.values(medians).some((value) => value !== null),
            `${id}: ${contender}`,
          );
        }
        const known = new Set([...results, ...missing].map(({ contender }) => contender));
        for (const { contender } of goals) assert.ok(known.has(contender), `${id}: ${contender}`);
      }
    });

    it('draws a well-formed plot of tables with something to compare', () => {
      const drawn = readdirSync(plots).map((name) => path.basename(name, '.svg'));
      assert.ok(drawn.includes('latency-idle'));
      for (const name of drawn) {
        assert.ok(written.tables.some(({ id }) => id === name));
        assertWellFormed(readFileSync(path.join(plots, `${name}.svg`), 'utf8'));
      }
    });

    it('has what each bound names', () => {
      for (const { table, contender, column, to } of bounds) {
        const found = written.tables.find(({ id }) => id === table);
        const known = new Set([...(found?.results ?? []), ...(found?.missing ?? [])].map((row) => row.contender));
        assert.ok(known.has(contender) && (to === undefined || known.has(to)), `${table}: ${contender}, ${to}`);
        assert.ok(
          found?.columns.some(({ name }) => name === column),
          `${table}: ${column}`,
        );
      }
    });
  });

  it('names peers that are not installed, and measures the others', function () {
    if (process.env['SIGKIT_SANITIZER'] !== undefined) this.skip();
    this.timeout(deadlineMs);
    const bin = path.join(folder, 'bin');
    mkdirSync(bin);
    for (const name of ['cc', 'as', 'ld']) {
      const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
      symlinkSync(found.stdout.trim(), path.join(bin, name));
    }
    const { status, stdout, stderr } = bench(['--quick', '--json', '-', 'latency'], { ...process.env, PATH: bin });
    assert.equal(status, 0, stderr);
    const { tables } = JSON.parse(stdout) as Written;
    const [idle] = tables;
    assert.deepEqual(
      tables.map(({ id }) => id),
      ['latency-idle', 'latency-one-core', 'latency-pool', 'latency-garbage'],
    );
    const missing = idle?.missing.map(({ contender, reason }) => `${contender}: ${reason}`) ?? [];
    assert.ok(missing.includes('Go os/signal: not installed: go (golang-go)'), missing.join('\n'));
    assert.ok(missing.includes('Python asyncio: not installed: python3 (python3)'), missing.join('\n'));
    const names = idle?.results.map(({ contender }) => contender) ?? [];
    for (const name of ['sigkit thread', 'process.on', 'C sigwaitinfo', 'C signalfd']) assert.ok(names.includes(name));
    assert.match(stderr, /^missing: Go os\/signal: not installed: go \(golang-go\)$/m);
  });

  it('explains itself', () => {
    const { status, stdout, stderr } = bench(['--help']);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    for (const { name } of areas) assert.ok(stdout.includes(name));
    for (const option of ['--quick', '--check', '--json FILE', '--svg FOLDER', '--help'])
      assert.ok(stdout.includes(option));
  });

  for (const [args, wrong] of [
    [['--fast'], "Unknown option '--fast'"],
    [['latency', 'weather'], "Unknown area 'weather'"],
    [['--quick', '--json'], "Option '--json <value>' argument missing"],
    [['--quick=1'], "Option '--quick' does not take an argument"],
    [['--check'], "'--check' needs '--quick'"],
  ] as const) {
    it(`refuses ${args.join(' ')}`, () => {
      const { status, stdout, stderr } = bench(args);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.ok(stderr.startsWith(wrong), stderr);
      assert.match(stderr, /^Areas: latency, /m);
    });
  }

  it('compares round by round', () => {
    // The second round was slow for both.
    const text = printed(tableOf([2, 200, 2], [1, 100, 1]));
    assert.match(text, /^sigkit +2\.0 {2}2\.00 x$/m);
    assert.match(text, /^missing: third: not installed: third$/m);
  });

  it('says of a goal by how much it is not reached', () => {
    const table = tableOf([3], [2]);
    const goal = { contender: 'sigkit', column: 'wall' };
    const judged = [
      { ...goal, to: 'other', atMost: 1.5 },
      { ...goal, to: 'other', atMost: 1.2 },
      { ...goal, atLeast: 4 },
      { ...goal, atMost: 0 },
      { ...goal, to: 'third', atMost: 1 },
    ].map((each) => judge(table, each).text);
    assert.deepEqual(judged, [
      'reached: sigkit, wall <= 1.5 x other: 1.5',
      'not reached: sigkit, wall <= 1.2 x other: 1.5, missed by 25 %',
      'not reached: sigkit, wall >= 4 ms: 3, missed by 25 %',
      'not reached: sigkit, wall <= 0 ms: 3, missed by 3',
      'not measured: sigkit, wall <= 1 x third',
    ]);
  });

  it('knows a broken bound', () => {
    const bound = { table: 'sample', contender: 'sigkit', column: 'wall', to: 'other', atMost: 5 };
    assert.deepEqual(brokenBounds([tableOf([4, 6, 5], [1, 1, 1])], [bound]), []);
    assert.deepEqual(brokenBounds([tableOf([6, 6, 4], [1, 1, 1])], [bound]), [{ bound, value: 6 }]);
    assert.deepEqual(brokenBounds([tableOf([9], [1])], [{ ...bound, to: 'third' }]), []);
    assert.deepEqual(brokenBounds([tableOf([NaN], [1])], [bound]), [{ bound, value: NaN }]);
    const own = { table: 'sample', contender: 'sigkit', column: 'wall', atMost: 5 };
    assert.deepEqual(brokenBounds([tableOf([4, 6, 5], [])], [own]), []);
    assert.deepEqual(brokenBounds([tableOf([6, 6, 4], [])], [own]), [{ bound: own, value: 6 }]);
  });

  it('draws what has two bars, on a scale that shows the smallest', () => {
    const svg = toSvg(tableOf([1000], [1])) ?? '';
    assertWellFormed(svg);
    assert.match(svg, /wall \(ms\), logarithmic/);
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.equal(toSvg(tableOf([1], [NaN])), undefined);
  });
});
