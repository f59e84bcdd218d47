import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { alike, program } from './support/beside.js';
import { readyPid, toStarted } from './support/drive.js';
import { commandOf, needs } from './support/installed.js';

const everywhere = { active: 'everywhere' } as const;
const service = `node ${program('service.mjs')}`;
// nodemon sends each signal twice, and tsx does when it believes that its child has not got the terminal's.
const once = (stdout: string): string => stdout.replaceAll(/^then \w+\n|(?<=^ready) \d+$/gm, '');
const sorted = (stdout: string): string =>
  stdout
    .replaceAll(/(?<=^ready) \d+$/gm, '')
    .split('\n')
    .sort()
    .join('\n');

describe('concurrently beside sigkit', () => {
  needs('concurrently');

  const runs = (...args: readonly string[]) => ({ ...everywhere, args: ['--raw', ...args], told: sorted });

  it('ends with the exit codes of its commands', async () => {
    const { code } = await alike(commandOf('concurrently'), runs('exit 0', 'exit 3', 'kill -TERM $$'));
    assert.equal(code, 1);
    const { code: first } = await alike(commandOf('concurrently'), runs('--success', 'command-0', 'exit 0', 'exit 3'));
    assert.equal(first, 0);
  });

  it('ends the others in order when one has failed', async () => {
    const failing = 'until [ -e ready ]; do sleep 0.02; done; exit 3';
    const { code, stdout } = await alike(commandOf('concurrently'), runs('--kill-others-on-fail', service, failing));
    assert.equal(code, 1);
    assert.match(stdout, /^SIGTERM: stopping$/m);
    assert.match(stdout, /^stopped$/m);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`passes ${signal} on, and waits`, async () => {
      const { stdout } = await alike(commandOf('concurrently'), {
        ...runs(service, 'exit 0'),
        ...toStarted(signal),
      });
      assert.match(stdout, new RegExp(`^${signal}: stopping$`, 'm'));
      assert.match(stdout, /^stopped$/m);
    });
  }
});

describe('nodemon beside sigkit', () => {
  needs('nodemon');

  it('restarts a service that stops in order, and ends with it', async () => {
    const { stdout } = await alike(commandOf('nodemon'), {
      ...everywhere,
      args: ['--quiet', '--watch', 'watched', '--ext', 'txt', '--signal', 'SIGTERM', program('service.mjs')],
      async drive(trial) {
        await readyPid(trial);
        writeFileSync(path.join(trial.folder, 'watched', 'a.txt'), 'changed');
        await readyPid(trial);
        process.kill(trial.child.pid, 'SIGINT');
      },
      told: once,
      before: (folder) => mkdirSync(path.join(folder, 'watched')),
    });
    assert.equal(stdout, 'ready\nSIGTERM: stopping\nstopped\nready\nSIGINT: stopping\nstopped\n');
  });
});

describe('pm2 beside sigkit', () => {
  needs('pm2');

  it('its daemon has all children, with their exit codes, and ends', async () => {
    const { code, stdout } = await alike(program('pm2.mjs'), {
      ...everywhere,
      env: { PM2_SILENT: 'true', PM2_DISCRETE_MODE: 'true' },
    });
    assert.equal(code, 0);
    assert.match(stdout, /^stopped, exit code 4\nno daemon$/m);
  });
});

describe('tsx beside sigkit', () => {
  needs('tsx');

  const typed = `import { live } from ${JSON.stringify(program('life.mjs'))};\nconst way: string = process.argv[2]!;\nawait live(way);\n`;
  const runs = (...args: readonly string[]) => ({
    ...everywhere,
    before: (folder: string) => writeFileSync(path.join(folder, 'service.mts'), typed),
    args: ['service.mts', ...args],
  });

  for (const [way, expected] of [
    ['return', 0],
    ['exit', 5],
    ['throw', 1],
  ] as const) {
    it(`ends as its program does, by ${way}`, async () => {
      assert.equal((await alike(commandOf('tsx'), runs(way))).code, expected);
    });
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`a program that stops in order gets ${signal} once, which was sent to tsx`, async () => {
      const { code, stdout } = await alike(commandOf('tsx'), { ...runs('stop'), ...toStarted(signal) });
      assert.deepEqual([code, stdout], [4, `ready\n${signal}: stopping\nstopped\n`]);
    });
  }

  it('a program that stops in order does so at Ctrl-C, which the terminal sends to both', async () => {
    const { code, stdout } = await alike(commandOf('tsx'), {
      ...runs('stop'),
      told: once,
      async drive(trial) {
        await readyPid(trial);
        // The group is that of the trial's session.
        process.kill(-trial.child.pid, 'SIGINT');
      },
    });
    assert.deepEqual([code, stdout], [4, 'ready\nSIGINT: stopping\nstopped\n']);
  });

  it('a signal that nobody heeds ends both', async () => {
    assert.equal((await alike(commandOf('tsx'), { ...runs('unheeded'), ...toStarted('SIGTERM') })).code, 143);
  });
});
