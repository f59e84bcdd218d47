import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { children } from 'sigkit/process';

import { milliseconds, readOptions } from '../../lib/cli/doctor/options.js';
import { type Outcome, until } from '../support/child.js';
import { sigkit } from '../support/command.js';
import { doctor, Queue, type Told } from '../support/doctor.js';
import { asPid1, canUnshare, run, scratch, startCommand } from '../support/init.js';
import { isRunning } from '../support/processes.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/doctor/', import.meta.url));
const service = fileURLToPath(new URL('../../examples/service.js', import.meta.url));

const newFolder = (): string => mkdtempSync(path.join(scratch(), 'doctor-'));

// Of any thread: with a parentDeathSignal it is not the first one.
async function firstChildOf(pid: number): Promise<number> {
  await until(() => children(pid).length > 0, `${pid} has a child`);
  return children(pid)[0] ?? assert.fail();
}

interface Case {
  readonly app: string;
  readonly options: string;
  readonly rules: readonly string[];
  readonly cwd?: string;
}

const faulty: readonly Case[] = [
  { app: 'ignores', options: '--ready ready --grace 1s --try term', rules: ['term-ignored'] },
  { app: 'late', options: '--ready ready --grace 2s --try term', rules: ['term-late'] },
  { app: 'idle-connections', options: '--grace 1s --try load', rules: ['load-hangs'] },
  {
    app: 'drops-requests',
    options: '--health /readyz --try load',
    rules: ['ready-while-draining', 'requests-lost'],
  },
  {
    app: 'leaves',
    options: '--ready ready --try term',
    rules: ['bad-status', 'children-left', 'lock-left', 'output-cut'],
  },
  { app: 'goes-on-starting', options: '--grace 2s --try term,start', rules: ['start-ignored'] },
  { app: 'stops-twice', options: '--ready ready --try twice', rules: ['twice-crashes'] },
  { app: 'hangs-up', options: '--ready ready --grace 1s --try hup,int', rules: ['hup-breaks', 'int-ignored'] },
  { app: 'relies-on-default', options: '--ready ready --grace 1s --try pid1', rules: ['pid1-ignored', 'zombies'] },
  {
    app: 'sound-worker',
    cwd: 'behind-npm',
    options: '--ready ready --try term,npm',
    rules: ['no-init', 'npm-swallows', 'start-script'],
  },
];

const sound: readonly Case[] = [
  { app: 'sound-server', options: '--health /readyz', rules: [] },
  { app: 'sound-worker', options: '--ready ready --try term,exec,int,pid1,sh', rules: [] },
  { app: 'server', cwd: 'sound-image', options: '--ready ready --grace 2s --try term,pid1', rules: [] },
];

// Without rights, in a user namespace.
const asItself = ['--user', '--map-current-user', ...asPid1.slice(1), 'true'];
const canBePid1 = canUnshare || spawnSync('unshare', asItself).status === 0;

describe('sigkit doctor', () => {
  const queue = new Queue();
  const outcomes = new Map<Case, Promise<Outcome>>();
  const start = (one: Case): Promise<Outcome> => {
    const file = path.join(fixtures, one.app === 'server' ? 'sound-image' : '', `${one.app}.mjs`);
    const cwd = one.cwd === undefined ? newFolder() : path.join(fixtures, one.cwd);
    return queue.add(() => run(doctor(one.options, process.execPath, file), { cwd }));
  };
  before(() => {
    for (const one of [...faulty, ...sound]) outcomes.set(one, start(one));
  });

  for (const one of [...faulty, ...sound])
    it(`${one.app}${one.cwd === undefined ? '' : ` in ${one.cwd}`}: ${one.rules.join(', ') || 'nothing found'}`, async function () {
      if (one.rules.includes('pid1-ignored') && !canBePid1) this.skip();
      const { code, stdout, stderr } = await (outcomes.get(one) ?? assert.fail());
      assert.equal(stderr, '');
      const { findings } = JSON.parse(stdout) as Told;
      assert.deepEqual(findings.map(({ rule }) => rule).sort(), one.rules, stdout);
      assert.equal(code, one.rules.length === 0 ? 0 : 1);
    });

  it('examples/service.ts: nothing found', async () => {
    const cwd = newFolder();
    writeFileSync(path.join(cwd, 'service.json'), JSON.stringify({ port: 0, healthPort: 0, drainDelayMs: 100 }));
    const options = '--ready serves --try term,load,twice,pid1';
    const { code, stdout } = await run(doctor(options, process.execPath, service, 'service.json'), { cwd });
    const { findings, trials } = JSON.parse(stdout) as Told;
    assert.deepEqual(findings, []);
    assert.deepEqual(
      trials.filter(({ untried }) => untried !== null).map(({ scenario }) => scenario),
      canBePid1 ? [] : ['pid1'],
    );
    assert.equal(code, 0);
  });

  it('tells in lines what it tried, what it found, what to do and where that is explained', async () => {
    const cwd = newFolder();
    const words = doctor('--ready ready --try term,npm', process.execPath, path.join(fixtures, 'leaves.mjs'));
    const { code, stdout } = await run(
      words.filter((word) => word !== '--json'),
      { cwd },
    );
    assert.match(stdout, /^term  SIGTERM at rest: status 7 after \d+ ms$/m);
    assert.match(stdout, /^npm +SIGTERM to npm start: not tried: there is no package\.json with a start script$/m);
    assert.match(
      stdout,
      /^lock-left  term: left behind: app\.pid\n {2}remove it .*\n {2}docs\/runbooks\.md#it-stops-too-early$/m,
    );
    assert.equal(code, 1);
    assert.deepEqual(readdirSync(cwd), []);
  });

  it('Ctrl-C ends the app and what it has started, and the doctor by that signal', async () => {
    const child = startCommand(doctor('--ready never', process.execPath, path.join(fixtures, 'leaves.mjs')), {
      cwd: newFolder(),
    });
    const app = await firstChildOf(child.pid);
    const helper = await firstChildOf(app);
    process.kill(child.pid, 'SIGINT');
    const { code, signal, stdout } = await child.ended;
    assert.deepEqual([code, signal, stdout], [null, 'SIGINT', '']);
    await until(() => !isRunning(app) && !isRunning(helper), 'both have ended');
  });

  it('4 if the app cannot be tried: it does not exist, ends by itself, or is not ready in time', async () => {
    const cases: readonly (readonly [options: string, app: readonly string[], problem: RegExp])[] = [
      ['', ['no-such-program'], /^sigkit: execve ENOENT 'no-such-program'\n$/],
      [
        '',
        ['sh', '-c', 'echo no database >&2; exit 3'],
        /: it ended by itself, status 3, before it was ready: no database\n$/,
      ],
      ['', [process.execPath, '-e', "throw new Error('no database')"], /: it ended .*: Error: no database\n$/],
      ['--try load', ['false'], /: it ended by itself, status 1, before it was ready\n$/],
      ['--try npm', ['sleep', '60'], /: there is no package\.json with a start script\n$/],
      ['--ready never --deadline 100ms', ['sleep', '60'], /: not ready after 0\.1 s\n$/],
      ['--port 1 --deadline 100ms', ['sleep', '60'], /: not ready after 0\.1 s\n$/],
    ];
    const tried = cases.map(async ([options, app, problem]) => {
      const { code, stdout, stderr } = await run(doctor(options, ...app), { cwd: newFolder() });
      assert.deepEqual([code, stdout], [4, '']);
      assert.match(stderr, problem);
    });
    await Promise.all(tried);
  });

  it('refuses what it does not know, with 2 and its usage', () => {
    const { status, stdout, stderr } = sigkit(['doctor']);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^sigkit: no COMMAND after --\nusage: sigkit doctor /);
    for (const [args, problem] of [
      [['node', '--', 'x'], "Unexpected argument 'node'"],
      [['--nonsense', '--', 'x'], "Unknown option '--nonsense'"],
      [['--grace', 'soon', '--', 'x'], '--grace is no time: soon'],
      [['--port', '70000', '--', 'x'], '--port is none: 70000'],
      [['--health', 'readyz', '--', 'x'], '--health is no path, nor http://…: readyz'],
      [['--health', 'http://[', '--', 'x'], '--health is no path, nor http://…: http://['],
      [['--path', 'a page', '--', 'x'], '--path is none: a page'],
      [['--time', '-1', '--', 'x'], "Option '--time' argument is ambiguous"],
      [['--try', 'term,all', '--', 'x'], '--try knows term, '],
      [['--ready', '(', '--', 'x'], 'Invalid regular expression'],
    ] as const) {
      const read = readOptions(args);
      assert.ok(typeof read === 'string' && read.startsWith(problem) && !read.includes('\\x0A'), JSON.stringify(read));
    }
  });

  it('times have units', () => {
    const times: readonly (readonly [string, number])[] = [
      ['10', 10_000],
      ['1m30s', 90_000],
      ['1min 30s', 90_000],
      ['0.5', 500],
      ['250ms', 250],
    ];
    for (const [text, ms] of times) assert.equal(milliseconds(text, 1000), ms);
    for (const text of ['', 's', '-1', '1x']) assert.ok(Number.isNaN(milliseconds(text, 1000)), text);
  });

  it('--help', () => {
    const { status, stdout } = sigkit(['doctor', '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /^usage: sigkit doctor [^]*Exit codes: 0 .*, 1 .*, 2 usage, 4 /);
  });
});
