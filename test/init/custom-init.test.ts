import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { type Outcome, until } from '../support/child.js';
import { canUnshare } from '../support/init.js';
import { type Container, type Service, ServiceFolder } from '../support/services.js';
import { childrenOf } from '../support/processes.js';

const script = fileURLToPath(new URL('../../../test/fixtures/init/services.sh', import.meta.url));
const shell = (command: string, more: Service = {}): Service => ({ command: ['sh', '-c', command], ...more });

/** One that says which of these signals it gets. */
function service(name: string, signals: readonly string[], more: Service = {}): Service {
  return { command: ['sh', script, name, ...signals], readyFd: 3, ...more };
}

function start(services: Readonly<Record<string, Service>>): Container {
  const folder = new ServiceFolder();
  folder.configure(services);
  return folder.start();
}

const of = (service: Service): string =>
  JSON.stringify({ services: { ok: { command: ['touch', 'started'] }, a: service } });

/** The lines that say what has become of whom. */
async function events(container: Container, expectedCode: number): Promise<readonly string[]> {
  const { code, stdout, stderr }: Outcome = await container.ended;
  assert.equal(code, expectedCode, `${stdout}\n${stderr}`);
  return stdout.match(/^.*(?:: ready| gets |: ended, |cannot| ENOENT ).*$/gm) ?? [];
}

describe('examples/custom-init.ts, as PID 1', () => {
  before(function () {
    if (!canUnshare) this.skip();
  });

  it('starts each service once the one before is ready; stops in reverse order, and kills after the grace period', async () => {
    await using container = start({
      first: shell(`sleep 0.3; exec sh ${script} first TERM`, { readyFd: 3 }),
      second: service('second', ['QUIT', '-TERM'], { stopSignal: 'SIGQUIT' }),
      third: service('third', ['-TERM'], { graceMs: 200 }),
    });
    await container.lines('third: ready');
    await container.signal('SIGTERM');
    assert.deepEqual(await events(container, 0), [
      'first: ready',
      'second: ready',
      'third: ready',
      'third: ended, SIGKILL',
      'second gets QUIT',
      'second: ended, exit code 0',
      'first gets TERM',
      'first: ended, exit code 0',
    ]);
  });

  it('while a service is never ready, starts none behind it; ends all the same, or goes on without it', async () => {
    const never = shell('echo waiting; exec sleep 1000', { readyFd: 3 });
    const second = service('second', ['TERM']);
    await using stopped = start({ never, second });
    await using changed = start({ never, second });
    await stopped.lines('waiting');
    await stopped.signal('SIGTERM');
    assert.deepEqual(await events(stopped, 0), ['never: ended, SIGTERM']);

    await changed.lines('waiting');
    changed.folder.configure({ second });
    await changed.signal('SIGHUP');
    await changed.lines('never: ended, SIGTERM', 'second: ready');
    await changed.signal('SIGTERM');
    assert.equal((await changed.ended).code, 0);
  });

  it('reaps orphans, and ends at last those that have left their service', async () => {
    const daemon = `(sh -c 'echo $$ >orphan' &); (setsid sh ${script} daemon TERM 3>daemon &)
      until [ -s daemon ] && [ -s orphan ]; do sleep 0.01; done`;
    await using container = start({
      first: service('first', ['TERM']),
      second: shell(`${daemon}; exec sh ${script} second TERM`, { readyFd: 3 }),
    });
    await container.lines('second: ready');
    const pid = await container.pid();
    // Its main thread has adopted them. The services are children of another one.
    await until(() => childrenOf(pid).length === 1, 'of those that it has adopted only the daemon is left');
    await container.signal('SIGINT');
    assert.ok((await events(container, 0)).includes('daemon gets TERM'));
  });

  it('restarts what ends, after longer and longer pauses, when all that it has left behind is gone', async () => {
    const crash = 'exec 9>lock; flock -n 9 || echo held; date +%s%N >>times; sleep 1000 & exit 5';
    await using container = start({ crash: shell(crash) });
    await container.lines(...Array<string>(5).fill('crash: ended, exit code 5'));
    const times = container.folder.read('times').trim().split('\n').map(Number);
    const pauses = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1e6);
    for (const [index, least] of [100, 200, 400, 800].entries())
      assert.ok((pauses[index] ?? 0) > least - 5, `pauses of ${pauses.join(', ')} ms`);
    await container.signal('SIGTERM');
    const { stdout } = await container.ended;
    assert.doesNotMatch(stdout, /held/);
  });

  for (const [how, command, code, event] of [
    ['exits', ['sh', '-c', 'exit 7'], 7, 'main: ended, exit code 7'],
    ['is killed', ['sh', '-c', 'kill -KILL $$'], 137, 'main: ended, SIGKILL'],
    ['cannot be started', ['./nowhere'], 127, "main: execve ENOENT './nowhere'"],
  ] as const) {
    it(`ends with the code ${code} when its essential service ${how}`, async () => {
      await using container = start({ first: service('first', ['TERM']), main: { command, essential: true } });
      const [ready, ...rest] = (await events(container, code)).filter((line) => line !== 'main: ready');
      assert.equal(ready, 'first: ready');
      assert.deepEqual(rest, [event, 'first gets TERM', 'first: ended, exit code 0']);
    });
  }

  it('on SIGHUP stops what is removed or changed, starts what is added or changed, and passes it on to the others', async () => {
    const kept = service('kept', ['HUP', 'TERM'], { reloadSignal: 'SIGHUP' });
    const silent = service('silent', ['HUP', 'TERM']);
    const changed = { essential: true };
    await using container = start({
      removed: service('removed', ['TERM']),
      kept,
      silent,
      changed: service('changed', ['TERM'], changed),
    });
    await container.lines('changed: ready');
    container.folder.configure({ kept: { command: 'a string' } });
    await container.signal('SIGHUP');
    await container.lines('configuration: kept: "command" cannot be "a string"');
    container.folder.configure({
      kept,
      added: shell(`sleep 0.2; exec sh ${script} added TERM`, { readyFd: 3 }),
      silent,
      changed: service('changed', ['TERM'], { ...changed, graceMs: 9000 }),
    });
    await container.signal('SIGHUP');
    await container.lines('changed: ready');
    await container.signal('SIGTERM');
    const said = await events(container, 0);
    const ends = (name: string): readonly string[] => [`${name} gets TERM`, `${name}: ended, exit code 0`];
    assert.deepEqual(
      said.filter((line) => line.endsWith('gets HUP')),
      ['kept gets HUP'],
    );
    assert.deepEqual(said.filter((line) => !line.endsWith('gets HUP')).slice(4), [
      'configuration: kept: "command" cannot be "a string"',
      ...['changed', 'removed'].flatMap(ends),
      'added: ready',
      'changed: ready',
      ...['changed', 'silent', 'added', 'kept'].flatMap(ends),
    ]);
  });

  it('says what is wrong with a configuration, starts nothing, and ends with code 2', async () => {
    const command = ['touch', 'started'];
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['{ "services": ', /JSON/],
      ['{}', /no "services"/],
      [of({ command: [] }), /a: "command" cannot be \[\]/],
      [of({ command: ['touch', 1] }), /a: "command" cannot be \["touch",1\]/],
      [of({ command, colour: 'red' }), /a: "colour" cannot be "red"/],
      [of({ command, readyFd: 2 }), /a: "readyFd" cannot be 2/],
      [of({ command, stopSignal: 'TERM' }), /a: "stopSignal" cannot be "TERM"/],
      [of({ command, essential: 'yes' }), /a: "essential" cannot be "yes"/],
      [of({ command, graceMs: -1 }), /a: "graceMs" cannot be -1/],
    ];
    await Promise.all(
      wrong.map(async ([text, message]) => {
        const folder = new ServiceFolder();
        folder.write('services.json', text);
        const { code, stdout, stderr } = await folder.start().ended;
        assert.equal(code, 2, `${text}: ${stdout}${stderr}`);
        assert.match(stdout, new RegExp(`^configuration: .*${message.source}`));
        assert.throws(() => folder.read('started'), { code: 'ENOENT' });
      }),
    );
  });
});
