import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { sigqueue } from 'sigkit';
import { type AnsweredDump, type Dump, readDump, renderDump, type UnansweredDump } from 'sigkit/diagnostics';

import { needNoSanitizer } from '../fixtures/process/means.js';
import { type Child, startChild, until } from '../support/child.js';

const fixture = fileURLToPath(new URL('../fixtures/diagnostics/dumping.js', import.meta.url));
const spinning = fileURLToPath(new URL('../fixtures/diagnostics/spinning.js', import.meta.url));
const signal = 'SIGRTMIN+12';
const dumpName = /^\d+-\d{8}T\d{6}\.\d{3}Z-dump\.json$/;

interface Started {
  readonly child: Child;
  readonly directory: string;
  readonly stderr: () => string;
  ask(value?: number): void;
  files(): readonly string[];
}

const folders: string[] = [];

async function start(options: object = {}, wrapper: readonly string[] = []): Promise<Started> {
  const cwd = mkdtempSync(path.join(tmpdir(), 'sigkit-dump-'));
  folders.push(cwd);
  const directory = `${cwd}/dumps`;
  const child = startChild(fixture, { args: [JSON.stringify(options)], cwd, wrapper });
  let stderr = '';
  child.process.stderr?.on('data', (more: string) => (stderr += more));
  await child.line(/^opened/);
  return {
    child,
    directory,
    stderr: () => stderr,
    ask: (value = 0) => sigqueue(child.pid, signal, value),
    files: () => readdirSync(directory),
  };
}

async function tell({ child }: Started, command: string, answer: RegExp): Promise<void> {
  child.write(`${command}\n`);
  await child.line(answer);
}

async function end({ child }: Started): Promise<void> {
  child.write('\nend\n');
  const { code, signal: by, stderr } = await child.ended;
  assert.deepEqual({ code, by }, { code: 0, by: null }, stderr);
}

const dumpsOf = (started: Started): Dump[] =>
  started
    .files()
    .filter((name) => dumpName.test(name))
    .map((name) => readDump(`${started.directory}/${name}`));

async function oneDump(started: Started): Promise<Dump> {
  await until(() => dumpsOf(started).length > 0, `a dump: ${started.stderr()}`);
  const [dump] = dumpsOf(started);
  assert.ok(dump);
  return dump;
}

// On a busy machine the loop may take longer than it is waited for.
async function answeredDump(started: Started): Promise<AnsweredDump> {
  for (let tries = 1; ; tries += 1) {
    started.ask();
    await until(() => dumpsOf(started).length === tries, `a dump: ${started.stderr()}`);
    const answered = dumpsOf(started).find((dump) => dump.answered);
    if (answered !== undefined || tries === 10) return answered as AnsweredDump;
  }
}

// While it is written its name begins with a dot.
const isFinished =
  (kind: string) =>
  (name: string): boolean =>
    !name.startsWith('.') && name.endsWith(kind);

const said = async (started: Started, pattern: RegExp): Promise<void> =>
  until(() => pattern.test(started.stderr()), `${String(pattern)} in ${started.stderr()}`);

function checkAsked({ asked }: Dump): void {
  const { pid, uid, name, command, ...rest } = asked;
  assert.deepEqual(rest, { signal, number: rest.number, code: 'SI_QUEUE', value: 0, merged: 0 });
  assert.deepEqual({ pid, uid }, { pid: process.pid, uid: process.getuid?.() });
  assert.equal(`${name}\n`, readFileSync('/proc/self/comm', 'utf8'));
  const own = readFileSync('/proc/self/cmdline').subarray(0, 1024).toString().replace(/\0$/, '').split('\0');
  assert.deepEqual(command, own);
}

const failedParts = (dump: AnsweredDump): unknown[] =>
  Object.entries(dump).filter(([, part]) => part !== null && typeof part === 'object' && 'error' in part);

interface Samples {
  readonly seconds: number;
  readonly looks: number;
  readonly found: readonly { readonly count: number; readonly thread: string; readonly stack: readonly string[] }[];
}

interface SeenRecord {
  readonly sigs: readonly string[];
  readonly actions: object;
  readonly refused: number;
  readonly last: { readonly id: number; readonly file: string | null; readonly error: string | null } | null;
}

/** What its memfd says; null if it was being written. */
function recordOf(pid: number): SeenRecord | null {
  const fd = readdirSync(`/proc/${pid}/fd`).find(
    (name) => readlinkSync(`/proc/${pid}/fd/${name}`) === '/memfd:sigkit-diagnostics (deleted)',
  );
  const [first, text = '', second] = readFileSync(`/proc/${pid}/fd/${fd}`, 'utf8').split('\n');
  return first === second ? (JSON.parse(text) as SeenRecord) : null;
}

describe('openDiagnostics with a directory', () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('a dump by JavaScript: who asked, the process, its memory, its stacks, what sigkit does in it, and what providers say', async () => {
    const started = await start({ providers: {} });
    await tell(started, 'busy', /^busy/);
    const dump = await answeredDump(started);
    checkAsked(dump);
    assert.equal(dump.answered, true);
    assert.equal(dump.pid, started.child.pid);
    assert.deepEqual(failedParts(dump), []);
    const {
      stacks,
      state,
      process: about,
      descriptors,
      resources,
      memory,
      heap,
      loop,
      cgroup,
      providers,
    } = dump as unknown as { readonly [Name in keyof AnsweredDump]: Exclude<AnsweredDump[Name], { error: string }> };
    assert.ok(memory.heapUsed > 0 && (heap['heap_size_limit'] ?? 0) > 0);
    assert.ok(loop.delayMs >= 0 && loop.utilization >= 0);
    assert.ok(Array.isArray(cgroup));
    assert.equal(stacks[0]?.name, 'main');
    assert.equal(about.children[0]?.name, 'sleep');
    assert.ok(about.threads?.some(({ blocked }) => blocked.includes('SIGUSR2')));
    assert.equal(about.limits?.nofile === undefined, false);
    const claims = state['claims'] as { signals: string[]; tid: number }[];
    assert.ok(claims.some(({ signals, tid }) => signals.join() === 'SIGUSR2' && tid === started.child.pid));
    assert.deepEqual(state['sections'], [['SIGHUP']]);
    assert.ok(Object.keys(resources).length > 0);
    assert.ok(
      descriptors.some(
        ({ target, kind, closeOnExec }) => target === '/dev/zero' && kind === 'character device' && closeOnExec,
      ),
    );
    assert.ok(descriptors.some(({ fd, kind }) => fd === 2 && kind === 'socket'));
    assert.ok(
      descriptors.every(({ target }) => !/sigkit-diagnostics|dumps|signalfd|\/task$/.test(target)),
      JSON.stringify(descriptors),
    );
    assert.deepEqual(providers, {
      pool: { value: { idle: 3 } },
      late: { error: 'no answer within 1000 ms' },
      bad: { error: 'no pool' },
      odd: { error: 'what was thrown has no text' },
      own: { value: ['by name'] },
    });
    const text = renderDump(dump);
    assert.match(text, /^Asked for by SIGRTMIN\+12 \(SI_QUEUE, value 0\) from pid \d+ \(uid \d+\): /m);
    assert.match(text, /^ {2}main \(thread 0, tid \d+\) running/m);
    for (const told of [text, JSON.stringify(dump)]) assert.doesNotMatch(told, /hunter2|dumping\.js"|providers":\{\}/);
    await end(started);
  });

  it('has the arguments only if they are asked for', async () => {
    const started = await start({ arguments: true });
    const dump = await answeredDump(started);
    assert.ok(dump.arguments !== null && 'argv' in dump.arguments && dump.arguments.argv[1] === fixture);
    await end(started);
  });

  it('the native thread writes what it can know when the event loop hangs', async () => {
    const started = await start();
    await tell(started, 'hang', /^hangs/);
    started.ask();
    const dump = (await oneDump(started)) as UnansweredDump;
    checkAsked(dump);
    assert.equal(dump.answered, false);
    assert.match(dump.stacks.join('\n'), /main \(thread 0, tid \d+\) .*blocked for \d+ ms/);
    assert.match(dump.stacks.join('\n'), /at (?:Object\.)?hangHere |in native code/);
    assert.match(dump.raw.status ?? '', new RegExp(`^Pid:\\t${started.child.pid}$`, 'm'));
    assert.match(dump.raw.limits ?? '', /Max open files/);
    assert.ok(dump.raw.tasks?.[started.child.pid]?.['status']);
    assert.equal(dump.raw.descriptors?.['2']?.startsWith('socket:'), true);
    assert.match(renderDump(dump), /JavaScript did not answer/);
    // Which takes a second to begin, and one more.
    started.ask(4 + 256);
    started.ask(2);
    const isProfile = isFinished('-stack-samples.json');
    await until(() => started.files().some(isProfile), `a profile: ${started.stderr()}`);
    await said(started, /no heapSnapshot: the event loop hangs/);
    const name = started.files().find(isProfile) ?? '';
    const { seconds, looks, found } = JSON.parse(readFileSync(`${started.directory}/${name}`, 'utf8')) as Samples;
    assert.equal(seconds, 1);
    assert.ok(looks > 1 && found.length > 0);
    for (const { thread, stack, count } of found) {
      assert.equal(thread, 'main');
      assert.ok(count > 0 && count <= looks);
      assert.match(stack.join('\n'), /hangHere|in native code/);
    }
    await end(started);
  });

  it('the value says what is wanted; what means nothing is refused, and told', async () => {
    const started = await start();
    started.ask(1);
    await until(() => started.files().some(isFinished('-stacks.txt')), 'stacks');
    const [name = ''] = started.files();
    const text = readFileSync(`${started.directory}/${name}`, 'utf8');
    assert.match(text, /^SIGRTMIN\+12 from pid \d+ .*\nmain \(thread 0.*\n(?: .*\n)*end of stacks\n$/);
    assert.equal(statSync(`${started.directory}/${name}`).mode & 0o777, 0o600);
    assert.equal(statSync(started.directory).mode & 0o777, 0o700);
    started.ask(8);
    await said(started, /no reopen: /);
    started.ask(200);
    await said(started, /SIGRTMIN\+12 from pid \d+ \(uid \d+\) is not answered/);
    await end(started);
  });

  it('answers only whom it is to answer', async () => {
    const started = await start({ allow: { uids: [54_321] } });
    started.ask(1);
    await said(started, /refused since the last such line: 1\n/);
    await tell(started, 'reopenForParent', /^reopened/);
    started.ask(1);
    await until(() => started.files().length === 1, 'stacks');
    await end(started);
  });

  it('a hundred at once become few, and none is lost', async () => {
    const started = await start({ minIntervalMs: 50 });
    for (let count = 0; count < 100; count += 1) started.ask();
    const sum = (): number => dumpsOf(started).reduce((all, { asked }) => all + 1 + asked.merged, 0);
    await until(() => sum() >= 100, 'all of them');
    assert.equal(sum(), 100);
    assert.ok(dumpsOf(started).length < 20);
    await end(started);
  });

  it('a record in memory says what is open, and is whole whenever it is read', async () => {
    const started = await start({ minIntervalMs: 0 });
    const { child, directory } = started;
    const { last: none, ...about } = recordOf(child.pid) ?? { last: null };
    assert.deepEqual(
      { none, ...about },
      {
        none: null,
        version: 1,
        pid: child.pid,
        sigs: ['SIGQUIT'],
        actions: { [signal]: 'byValue' },
        directory,
        refused: 0,
      },
    );
    let seen = 0;
    for (let count = 0; count < 15; count += 1) {
      started.ask(1);
      await until(() => {
        const id = recordOf(child.pid)?.last?.id ?? 0;
        const isNext = id > seen;
        assert.ok(id >= seen || id === 0);
        seen = Math.max(seen, id);
        return isNext;
      }, 'the next');
    }
    const last = recordOf(child.pid)?.last;
    assert.equal(last?.error, null);
    assert.ok(statSync(last?.file ?? '').isFile());
    await end(started);
  });

  it('who asked is answered by close() in the middle, and at the exit', async () => {
    const started = await start();
    await tell(started, 'closeAsked', /^closed/);
    const [first] = dumpsOf(started);
    assert.equal(first?.answered, false);
    await end(started);
    const other = await start();
    other.child.write('exitAsked\n');
    assert.equal((await other.child.ended).code, 7);
    assert.equal(dumpsOf(other).length, 1);
  });

  it('a profile of a process that ends meanwhile is told as one that was under way', async () => {
    const started = await start();
    started.ask(4 + 256 * 500);
    await answeredDump(started);
    await end(started);
    assert.match(started.stderr(), /no cpuProfile: it was under way as the diagnostics were closed/);
    assert.match(started.stderr(), /-cpu-profile\.cpuprofile: the process has ended after \d/);
  });

  it('a full disk is told, and leaves nothing behind', async () => {
    const started = await start({}, ['sh', '-c', 'ulimit -f 1; exec "$@"', 'sh']);
    started.ask();
    await said(started, /no dump: File too large/);
    assert.deepEqual(started.files(), []);
    started.child.write('hang\n');
    await started.child.line(/^hangs/);
    started.ask();
    await said(started, /no dump: File too large[^]*no dump: File too large/);
    assert.deepEqual(started.files(), []);
    await end(started);
  });

  it('a process that has run out of descriptors can still be looked into', async function () {
    // Which finds none for its log then, and ends the process.
    needNoSanitizer(this);
    const started = await start({}, ['sh', '-c', 'ulimit -n 60; exec "$@"', 'sh']);
    await tell(started, 'useUp', /^used up/);
    const dump = await answeredDump(started);
    assert.deepEqual(failedParts(dump), []);
    assert.ok(Array.isArray(dump.descriptors) && dump.descriptors.length > 30, JSON.stringify(dump.descriptors));
    started.child.write('hang\n');
    await started.child.line(/^hangs/);
    const before = dumpsOf(started).length;
    started.ask();
    await until(() => dumpsOf(started).length > before, `a dump: ${started.stderr()}`);
    assert.ok(dumpsOf(started).some((dump) => !dump.answered && Object.keys(dump.raw.descriptors ?? {}).length > 30));
    await end(started);
  });

  it('at its limits it writes nothing more', async () => {
    const started = await start({ maxFiles: 1 });
    started.ask(1);
    await until(() => started.files().length === 1, 'stacks');
    started.ask();
    await said(started, /no dump: .*maxFiles/);
    assert.equal(started.files().length, 1);
    await end(started);
  });

  it('what is more than a day old makes room, and what was left unfinished goes', async () => {
    const started = await start({ maxFiles: 2 });
    const leave = (name: string, hours: number): string => {
      const file = `${started.directory}/${name}`;
      writeFileSync(file, '');
      utimesSync(file, new Date(), new Date(Date.now() - hours * 3_600_000));
      return name;
    };
    leave('1-20200101T000000.000Z-dump.json', 26);
    leave('.1-20200101T000000.000Z-dump.json', 2);
    const old = leave('2-20200101T000000.000Z-dump.json', 25);
    const other = leave('notes.txt', 100);
    started.ask(1);
    await said(started, /: stacks in /);
    const [made = ''] = started.files().filter((name) => name.endsWith('-stacks.txt'));
    assert.deepEqual([...started.files()].sort(), [made, old, other].sort());
    await end(started);
  });

  it('a directory that goes away is told; one that is replaced by a link gets nothing', async () => {
    const started = await start();
    await tell(started, 'removeIt', /^removed/);
    started.ask();
    await said(started, /no dump: No such file or directory/);
    await end(started);
    const moved = await start();
    await tell(moved, 'moveAway', /^moved/);
    moved.ask();
    await until(() => readdirSync(`${moved.directory}-before`).some((name) => dumpName.test(name)), 'a dump');
    await end(moved);
  });

  it('who has no pid here is answered unless somebody in particular is to be', async function () {
    const inside = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    if (spawnSync('unshare', [...inside.slice(1), 'true']).status !== 0) this.skip();
    const started = await start({ allow: { uids: [process.getuid?.() ?? 0] } }, inside);
    const node = (): number =>
      Number(readFileSync(`/proc/${started.child.pid}/task/${started.child.pid}/children`, 'utf8'));
    sigqueue(node(), signal, 1);
    await said(started, /SIGRTMIN\+12 from outside is not answered/);
    await tell(started, 'reopenForAll', /^reopened/);
    sigqueue(node(), signal, 1);
    await until(() => started.files().length === 1, 'stacks');
    await end(started);
  });

  it('without a line in the program: the variables of sigkit/diagnostics/register', async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'sigkit-dump-'));
    folders.push(cwd);
    const directory = `${cwd}/dumps`;
    const nodeOptions = ['--import', import.meta.resolve('sigkit/diagnostics/register')];
    for (const uid of [54_321, process.getuid?.()]) {
      const variables = { DIRECTORY: directory, ACTION_SIG: 'SIGUSR2', ALLOW_UIDS: `4, ${uid}`, SIGS: '' };
      const wrapper = Object.entries(variables).map(([name, value]) => `SIGKIT_DIAGNOSTICS_${name}=${value}`);
      const child = startChild(spinning, { nodeOptions, wrapper: ['env', ...wrapper] });
      await child.line(/^spins/);
      const { sigs, actions } = recordOf(child.pid) ?? {};
      assert.deepEqual({ sigs, actions }, { sigs: [], actions: { SIGUSR2: 'byValue' } });
      sigqueue(child.pid, 'SIGUSR2', 1);
      await until(() => (recordOf(child.pid)?.refused ?? 0) + readdirSync(directory).length === 1, 'an answer');
      child.write('.');
      assert.equal((await child.ended).code, 7);
      assert.equal(readdirSync(directory).length, uid === 54_321 ? 0 : 1);
    }
  });

  it('its descriptors reach no child', async () => {
    const started = await start();
    await tell(started, 'listInChild', /^listed false/);
    await end(started);
  });
});

describe('readDump', () => {
  it('reads nothing else', () => {
    for (const file of [fixture, '/dev/null']) assert.throws(() => readDump(file), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => readDump('/nowhere'), { code: 'ENOENT' });
  });
});
