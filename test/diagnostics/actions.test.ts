import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ActionOutcome, ActionRequest } from '../../lib/diagnostics/actions/action.js';
import { tooSmall } from '../../lib/diagnostics/actions/heap-snapshot.js';
import { performAction } from '../../lib/diagnostics/actions/perform.js';
import { whenReopenIsAsked } from '../../lib/diagnostics/actions/reopen.js';
import { type DumpFolder, openDumpFolder, usualLimits } from '../../lib/diagnostics/files.js';
import { need, needRoot } from '../fixtures/process/means.js';
import { type Child, type ChildOptions, type Outcome, startChild } from '../support/child.js';

const acting = fileURLToPath(new URL('../fixtures/diagnostics/acting.js', import.meta.url));
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const secret = 'not-to-be-told';
const memoryLeft = /may take \d+ MB of memory, of which \d+ MB are left$/;
const threadsLeft = /^the control group of the process may have no more threads$/;

interface Acted extends Outcome {
  readonly outcomes: readonly ActionOutcome[];
  /** What is in the directory at the end, by its kind. */
  readonly left: readonly string[];
}

interface Node {
  readonly callFrame: { readonly functionName: string };
  readonly children?: readonly Node[];
}

const functionsOf = ({ callFrame, children = [] }: Node): string[] => [
  callFrame.functionName,
  ...children.flatMap((child) => functionsOf(child)),
];

describe('performAction', () => {
  let parent = '';
  let directory = '';
  let folder: DumpFolder | undefined;

  beforeEach(() => {
    parent = mkdtempSync(path.join(tmpdir(), 'sigkit-actions-'));
    directory = path.join(parent, 'dumps');
  });
  afterEach(() => {
    folder?.close();
    rmSync(parent, { recursive: true, force: true });
  });

  const start = (how: string, steps: readonly string[], options: ChildOptions = {}): Child =>
    startChild(acting, { ...options, args: [directory, how, ...steps] });

  async function endOf(child: Child, code: number): Promise<Acted> {
    const line = await child.line(/^\{"outcomes/);
    child.write('.');
    const outcome = await child.ended;
    assert.equal(outcome.code, code, outcome.stderr);
    const told = JSON.parse(line) as Pick<Acted, 'outcomes' | 'left'>;
    return { ...outcome, ...told, left: told.left.map((name) => name.replace(/^\d+-\d{8}T\d{6}\.\d{3}Z-/, '')).sort() };
  }

  const act = async (how: string, steps: readonly string[], options: ChildOptions = {}): Promise<Acted> =>
    endOf(start(how, steps, options), how === 'exit' ? 7 : 0);

  const errorsOf = ({ outcomes }: Acted): (string | null)[] => outcomes.map(({ error }) => error);
  const text = (file: string | null | undefined): string => readFileSync(file ?? assert.fail('no file'), 'utf8');

  async function own(action: ActionRequest['action'], seconds = 0.01): Promise<ActionOutcome> {
    folder ??= openDumpFolder(directory, usualLimits);
    return performAction({ action, seconds, asked: { signal: 'SIGUSR2', pid: 7, uid: 8, value: 9 } }, folder);
  }

  it('does each, one after the other', async () => {
    const names = ['heapSnapshot', 'heapProfile', 'cpuProfile', 'report', 'openInspector', 'openInspector'];
    const acted = await act('stay', [...names, 'closeInspector', 'closeInspector', 'reopen', secret], {
      wrapper: ['env', `SECRET=${secret}`],
    });
    const [heap, allocated, cpu, report, opened, again, closed, twice, reopened, unknown] = acted.outcomes;
    assert.deepEqual(
      [heap, allocated, cpu, report, opened, closed].map((one) => one?.error),
      Array(6).fill(null),
    );
    assert.deepEqual(acted.left, [
      'cpu-profile.cpuprofile',
      'heap-profile.heapprofile',
      'heap-snapshot.heapsnapshot',
      'report.json',
    ]);
    for (const name of readdirSync(directory)) assert.equal(statSync(path.join(directory, name)).mode & 0o777, 0o600);

    assert.match(acted.stderr, /^sigkit: heap snapshot of \d+ MB: the program stands still until it is written$/m);
    assert.match(heap?.note ?? '', /^the program stood still for \d+ ms$/);
    const { snapshot, nodes } = JSON.parse(text(heap?.file)) as {
      snapshot: { node_count: number; meta: { node_fields: [] } };
      nodes: [];
    };
    assert.equal(nodes.length, snapshot.node_count * snapshot.meta.node_fields.length);
    assert.ok(functionsOf((JSON.parse(text(allocated?.file)) as { head: Node }).head).includes('(root)'));
    const { nodes: called } = JSON.parse(text(cpu?.file)) as { nodes: readonly Node[] };
    assert.ok(called.some(({ callFrame }) => callFrame.functionName === 'computeAndAllocate'));
    assert.match(cpu?.note ?? '', /^\d\.\d s$/);

    const { header } = JSON.parse(text(report?.file)) as { header: { commandLine: string[]; processId: number } };
    assert.equal(header.commandLine.length, 1);
    assert.match(report?.file ?? '', new RegExp(`/${header.processId}-[^/]*-report\\.json$`));
    assert.equal(text(report?.file).includes(secret), false);

    assert.match(opened?.note ?? '', /^ws:\/\/127\.0\.0\.1:\d+\/[\da-f-]+$/);
    assert.equal(again?.error, `the inspector is open already: ${opened?.note}`);
    assert.equal(closed?.note, opened?.note);
    assert.equal(twice?.error, 'the inspector is not open');
    assert.equal(reopened?.error, 'nothing has been registered that reopens files');
    assert.notEqual(unknown?.error, null);
  });

  it('does none twice at a time, and different ones together', async () => {
    const acted = await act('stay', ['cpuProfile+cpuProfile+heapProfile+heapProfile', 'cpuProfile+report']);
    const busy = 'one is under way already';
    assert.deepEqual(errorsOf(acted), [null, busy, null, busy, null, null]);
    assert.deepEqual([acted.left.length, acted.stderr], [4, '']);
  });

  for (const how of ['leave', 'exit'])
    it(`a profile of a process that ends meanwhile is as long as that was, and does not hold it up: ${how}`, async () => {
      const acted = await act(how, ['cpuProfile+heapProfile']);
      assert.deepEqual(acted.left, ['cpu-profile.cpuprofile', 'heap-profile.heapprofile']);
      for (const name of readdirSync(directory)) {
        JSON.parse(text(path.join(directory, name)));
        assert.ok(acted.stderr.includes(`sigkit: ${directory}/${name}: the process has ended after `), acted.stderr);
      }
    });

  it('refuses a heap snapshot for which there is no room, and says of what', async () => {
    const megabyte = 2 ** 20;
    const plenty = { memory: Infinity, disk: Infinity, folder: Infinity };
    const needs = 'a snapshot of 10 MB may take';
    for (const [room, why] of [
      [{}, undefined],
      [{ memory: 299 * megabyte }, `${needs} 300 MB of memory, of which 299 MB are left`],
      [{ memory: 300 * megabyte }, undefined],
      [{ disk: 29 * megabyte }, `${needs} 30 MB of the disk, of which 29 MB are left`],
      [{ folder: 29 * megabyte }, `${needs} 30 MB, and the dumps may have 29 MB more`],
      [{ disk: 30 * megabyte, folder: 30 * megabyte }, undefined],
    ] as const)
      assert.equal(tooSmall(10 * megabyte, { ...plenty, ...room }), why);
    const acted = await act('stay', ['heapSnapshot'], { wrapper: ['env', 'MAX_BYTES=1000000'] });
    assert.match(errorsOf(acted)[0] ?? '', /^a snapshot of \d+ MB may take \d+ MB, and the dumps may have 1 MB more$/);
    assert.deepEqual([acted.left, acted.stderr], [[], '']);
  });

  for (const [version, root, limit, most, steps, why] of [
    [1, '/sys/fs/cgroup/memory', 'memory.limit_in_bytes', 2 ** 26, ['heapSnapshot'], memoryLeft],
    [2, '/sys/fs/cgroup', 'memory.max', 2 ** 26, ['heapSnapshot'], memoryLeft],
    [1, '/sys/fs/cgroup/pids', 'pids.max', 0, ['openInspector', 'cpuProfile'], threadsLeft],
    [2, '/sys/fs/cgroup', 'pids.max', 0, ['openInspector', 'cpuProfile'], threadsLeft],
    [2, '/sys/fs/cgroup/unified', 'pids.max', 0, ['openInspector', 'cpuProfile'], threadsLeft],
  ] as const)
    it(`refuses ${steps.join(', ')} by ${limit} of a control group of version ${version}, below ${root}`, async function () {
      needRoot(this);
      const group = path.join(root, `sigkit-test-${process.pid}`);
      const inner = path.join(group, 'inner');
      need(this, existsSync(path.join(root, version === 2 ? 'cgroup.procs' : 'tasks')), 'such a hierarchy');
      try {
        mkdirSync(inner, { recursive: true });
      } catch {
        need(this, false, 'leave to make a control group');
      }
      try {
        need(this, existsSync(path.join(group, limit)), 'such a limit there');
        const child = start('wait', [...steps, 'report']);
        await child.line(/^waits$/);
        writeFileSync(path.join(inner, 'cgroup.procs'), String(child.pid));
        writeFileSync(path.join(group, limit), String(most));
        child.write('.');
        const acted = await endOf(child, 0);
        for (const error of errorsOf(acted).slice(0, -1)) assert.match(error ?? '', why);
        assert.deepEqual([errorsOf(acted).at(-1), acted.left], [null, ['report.json']]);
      } finally {
        for (const one of [inner, group]) if (existsSync(one)) rmdirSync(one);
      }
    });

  it('what a limit cuts short is removed, and the process goes on', async () => {
    const acted = await act('stay', ['heapSnapshot', 'report', 'reopen'], { wrapper: ['prlimit', '--fsize=4096'] });
    assert.deepEqual(errorsOf(acted).slice(0, 2), Array(2).fill(`write EFBIG '${directory}'`));
    assert.equal(errorsOf(acted)[2], 'nothing has been registered that reopens files');
    assert.deepEqual(acted.left, []);
  });

  it('so is what a full disk cuts short', async function () {
    needRoot(this);
    mkdirSync(directory, 0o700);
    const script = 'mount -t tmpfs -o size=4k,mode=700 none "$0" && exec "$@"';
    const wrapper = ['unshare', '--mount', 'sh', '-c', script, directory];
    const acted = await act('stay', ['heapSnapshot', 'report', 'reopen'], { wrapper });
    assert.match(errorsOf(acted)[0] ?? '', /may take \d+ MB of the disk, of which 1 MB are left$/);
    assert.equal(errorsOf(acted)[1], `write ENOSPC '${directory}'`);
    assert.deepEqual(acted.left, []);
  });

  it("refuses Node's report while a Worker could not answer it", async () => {
    const acted = await act('deaf', ['report']);
    assert.match(errorsOf(acted)[0] ?? '', /^Node would wait for .*, which is in native code \(read\)$/);
    assert.deepEqual(acted.left, []);
  });

  it('says what a permission model does not permit', async () => {
    const nodeOptions = [
      permission,
      '--allow-addons',
      '--allow-fs-read=*',
      `--allow-fs-write=${directory}`,
      '--no-warnings',
    ];
    const acted = await act('stay', ['cpuProfile', 'report', 'openInspector', 'closeInspector'], { nodeOptions });
    const [cpu, report, opened, closed] = errorsOf(acted);
    for (const error of [cpu, opened]) assert.match(error ?? '', /^Access to this API .*\(Inspector \w*\)$/);
    assert.match(report ?? '', /^Access to this API .*\(FileSystemWrite \/proc\/self\/fd\/\d+\/.*\)$/);
    assert.equal(closed, 'the inspector is not open');
    assert.deepEqual(acted.left, []);
  });

  it('says that a Node has no inspector', async () => {
    const without = `const get = process.getBuiltinModule;
      process.getBuiltinModule = (name) => (name === 'node:inspector' ? undefined : get(name));`;
    const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(without)}`];
    const acted = await act('stay', ['cpuProfile', 'heapProfile', 'openInspector', 'closeInspector', 'report'], {
      nodeOptions,
    });
    assert.deepEqual(errorsOf(acted), [...Array<string>(4).fill('this Node has no inspector'), null]);
  });

  it('takes no heap profile while Node takes one, which would end with it', async () => {
    const nodeOptions = ['--heap-prof', `--heap-prof-dir=${parent}`];
    const acted = await act('stay', ['heapProfile', 'cpuProfile'], { nodeOptions });
    assert.deepEqual(errorsOf(acted), ['a debugger, or Node by --heap-prof, takes such a profile already', null]);
    const ofNode = readdirSync(parent).filter((name) => name.startsWith('Heap.'));
    assert.equal(ofNode.length, 1, acted.stderr);
  });

  it('opens no inspector without descriptors for it, as Node would end the process', async () => {
    const wrapper = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'];
    const acted = await act('full', ['openInspector', 'closeInspector'], { wrapper });
    assert.match(errorsOf(acted)[0] ?? '', /^EMFILE: too many open files/);
    assert.equal(errorsOf(acted)[1], 'the inspector is not open');
  });

  it('is not held up by a stderr that nobody reads', async () => {
    const fifo = path.join(parent, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const wrapper = ['sh', '-c', 'exec 3<>"$0" 2>&3; exec "$@"', fifo];
    const acted = await act('unread', ['heapSnapshot'], { wrapper });
    assert.deepEqual([errorsOf(acted), acted.left], [[null], ['heap-snapshot.heapsnapshot']]);
  });

  it('a profile lasts as long as it may', async () => {
    for (const seconds of [0, -1, 601, NaN, Infinity])
      assert.equal((await own('cpuProfile', seconds)).error, 'a profile takes from 0 to 600 seconds');
    folder?.close();
    assert.equal((await own('cpuProfile')).error, 'the directory for dumps has been closed');
  });

  describe('reopen', () => {
    it('calls each that is registered, whether or not another one fails', async () => {
      const heard: unknown[] = [];
      const listeners = [
        () => assert.fail('cannot open'),
        async () => Promise.reject(new Error('cannot open either')),
        (asked: object) => heard.push(asked),
      ].map((listener) => whenReopenIsAsked(listener));
      const outcome = await own('reopen');
      assert.deepEqual(outcome, {
        file: null,
        error: 'cannot open; cannot open either',
        note: '1 of 3 listeners have reopened their files',
      });
      assert.deepEqual(heard, [{ signal: 'SIGUSR2', pid: 7, uid: 8, value: 9 }]);
      listeners[0]?.[Symbol.dispose]();
      listeners[1]?.[Symbol.dispose]();
      assert.equal((await own('reopen')).error, null);
      listeners[2]?.[Symbol.dispose]();
      assert.equal((await own('reopen')).error, 'nothing has been registered that reopens files');
    });

    it('does not wait for ever for one', async () => {
      const { setTimeout: later } = globalThis;
      const waits: unknown[] = [];
      const never = whenReopenIsAsked(async () => new Promise(() => {}));
      globalThis.setTimeout = ((run: () => void, ms: number) => {
        waits.push(ms);
        return later(run, 0);
      }) as typeof setTimeout;
      try {
        assert.equal((await own('reopen')).error, 'a listener was not done after 5000 ms');
        assert.deepEqual(waits, [5000]);
      } finally {
        globalThis.setTimeout = later;
        never[Symbol.dispose]();
      }
    });
  });
});
