import assert from 'node:assert/strict';

import { inNamespace, needRoot } from '../../fixtures/process/means.js';
import { until } from '../../support/child.js';
import { isRunning } from '../../support/processes.js';
import { outcomeOf } from '../../support/scenario.js';

describe('a group that its leader has left', () => {
  for (const when of ['before its leader ends', 'after', 'by its number', 'by addGroup'] as const)
    it(`is killed at the deadline: registered ${when}`, async () => {
      const { code, stdout, stderr } = await outcomeOf(
        async ({ processes, shutdown, events, fs }) => {
          const child = processes.spawn('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!; read line'], {
            processGroup: true,
            stdio: ['pipe', 'pipe', 'inherit'],
          });
          const [line] = (await events.once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
          const ending = shutdown.createShutdown({ budgetMs: 50 });
          const when = process.env['WHEN'];
          const early = when === 'before its leader ends' ? shutdown.endGroup(child) : undefined;
          child.stdin?.end('\n');
          await child.exited;
          if (when === 'by addGroup') ending.addGroup(child.pid);
          else ending.add('group', early ?? shutdown.endGroup(when === 'after' ? child : child.pid));
          const hang = (): void => {
            for (;;);
          };
          ending.add('hang', hang, { stage: 'drain' });
          fs.writeSync(1, String(line));
          void ending.shutdown();
        },
        { wrapper: ['env', `WHEN=${when}`] },
      );
      assert.equal(code, 124, stderr);
      await until(() => !isRunning(Number(stdout)), 'the grandchild has ended');
    });

  it('is ended by its hook, and reported as empty only when it is', async () => {
    const { code, stdout, stderr } = await outcomeOf(async ({ processes, shutdown, events, fs }) => {
      const child = processes.spawn('sh', ['-c', '(trap "" TERM; exec sleep 1000) >/dev/null & echo $!'], {
        processGroup: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await events.once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
      await child.exited;
      const ending = shutdown.createShutdown();
      ending.add('group', shutdown.endGroup(child, { graceMs: 20 }));
      const { hooks } = await ending.shutdown();
      fs.writeSync(1, JSON.stringify([Number(line), ...hooks.map(({ outcome }) => outcome)]));
    });
    assert.equal(code, 0, stderr);
    const [grandchild, outcome] = JSON.parse(stdout) as [number, string];
    assert.equal(outcome, 'done');
    await until(() => !isRunning(grandchild), 'the grandchild has ended');
  });
});

// PID 1 of the namespace outlives the scenario, and tells whether the stranger has.
const toldAfterwards = ['sh', '-c', 'n=$("$@"); code=$?; kill -0 $n && echo "alive after $code"', 'sh'];

describe('a group whose number has been given to another one', () => {
  for (const [how, expected] of [
    ['at the deadline, with the loop blocked', 124],
    ['when a hook is out of time', 1],
    ['by its hook', 0],
  ] as const)
    for (const registered of ['as a process', 'as a process that has ended', 'by its number', 'by addGroup'] as const)
      it(`is left alone ${how}: registered ${registered}`, async function () {
        needRoot(this);
        const wrapper = ['env', `HOW=${how}`, `REGISTERED=${registered}`, ...inNamespace(this), ...toldAfterwards];
        const { stdout, stderr } = await outcomeOf(
          async ({ processes, shutdown, fs, until: untilTrue }) => {
            const ending = shutdown.createShutdown({
              budgetMs: process.env['HOW']?.startsWith('at') === true ? 50 : 20_000,
              exit: 'zero',
            });
            const { HOW: how, REGISTERED: registered } = process.env;
            const child = processes.spawn('sh', ['-c', 'read line'], { processGroup: true, stdio: ['pipe', 1, 2] });
            const { pid } = child;
            const early = registered === 'as a process' ? shutdown.endGroup(child) : shutdown.endGroup(pid);
            if (registered === 'by addGroup') ending.addGroup(pid);
            child.stdin?.end('\n');
            await child.exited;
            let stranger: ReturnType<typeof processes.spawn> | undefined;
            await untilTrue(() => {
              fs.writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
              const tried = processes.spawn('sleep', ['1000'], { processGroup: true, stdio: 'ignore' }).unref();
              if (tried.pid === pid) stranger = tried;
              else tried.kill('SIGKILL');
              return stranger !== undefined;
            }, 'the number has been used anew');
            if (registered === 'as a process that has ended') ending.add('group', shutdown.endGroup(child));
            else if (registered !== 'by addGroup') ending.add('group', early);
            if (how === 'at the deadline, with the loop blocked')
              ending.add(
                'hang',
                () => {
                  for (;;);
                },
                { stage: 'drain' },
              );
            if (how === 'when a hook is out of time')
              ending.add('never', () => new Promise(() => {}), { timeoutMs: 10 });
            fs.writeSync(1, String(pid));
            void ending.shutdown();
          },
          { wrapper },
        );
        assert.equal(stdout, `alive after ${expected}\n`, stderr);
      });
});
