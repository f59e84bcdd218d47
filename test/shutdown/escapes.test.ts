import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openNotifier } from 'sigkit/systemd';

import { escapeLine, escapeLines } from '../../lib/base/escape.js';
import { outcomeOf } from '../support/scenario.js';

const nasty = 'no\nsigkit: forged\u001b[31m\u009b31m\u007f';
const escaped = String.raw`no\x0Asigkit: forged\x1B[31m\xC2\x9B31m\x7F`;
// What ends no line in the names of stages and hooks, which have no control characters, and yet does for some.
const name = 'no\u2028sigkit: forged \\ x';
const escapedName = String.raw`no\xE2\x80\xA8sigkit: forged \\ x`;
const withName = (name: string): { readonly wrapper: readonly string[] } => ({ wrapper: ['env', `NAME=${name}`] });

describe('what others name, in lines of sigkit', () => {
  it('hooks, in the last line of a forced end, which is told to its end', async () => {
    // As much as there is room for, and more than one line had once it is escaped.
    for (const [given, shown] of [
      [name, escapedName],
      ['\u2028'.repeat(600), String.raw`\xE2\x80\xA8`.repeat((512 - 1 - 'stopping: '.length) / 3)],
    ] as const) {
      const { code, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
        const hook = process.env['NAME'] ?? '';
        shutdown.createShutdown({ budgetMs: 400 }).add(hook, () => new Promise(() => {}));
        sigkit.kill(process.pid, 'SIGTERM');
        setInterval(() => {}, 1000);
      }, withName(given));
      assert.equal(code, 124, stderr);
      assert.match(stderr, /^sigkit: SIGTERM from [^\n]*; exit 124\n$/);
      const at = stderr.indexOf('in stopping: ') + 'in stopping: '.length;
      assert.equal(stderr.slice(at, stderr.indexOf('; event loop')), shown);
    }
  });

  it('stages, at an end that is not ours', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const ending = shutdown.createShutdown();
      ending.stage(process.env['NAME'] ?? '').add('hook', () => process.exit(3), { stage: process.env['NAME'] ?? '' });
      void ending.shutdown();
    }, withName(name));
    assert.equal(code, 3, stderr);
    assert.equal(stderr.split('\n')[0], `sigkit: process.exit(3) during shutdown, stage ${escapedName}, by:`);
  });

  it('stages and errors, in a warning', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const name = process.env['NAME'] ?? '';
      const onTimeout = (): never => {
        throw new Error('no\nsigkit: forged\u001b[31m');
      };
      const ending = shutdown.createShutdown();
      ending.stage(name, { timeoutMs: 5, onTimeout }).add('hook', () => new Promise(() => {}), { stage: name });
      void ending.shutdown();
    }, withName(name));
    assert.equal(code, 1, stderr);
    assert.doesNotMatch(stderr, /^sigkit: forged/m);
    assert.ok(
      stderr.includes(
        `SigkitWarning: onTimeout of the stage '${escapedName}' has failed: Error: no\n    sigkit: forged\\x1B[31m\n`,
      ),
      stderr,
    );
  });

  it('the address of a manager', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning.message);
    process.on('warning', onWarning);
    const { disabledBecause } = openNotifier({ environment: { NOTIFY_SOCKET: nasty } });
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    const wanted = `NOTIFY_SOCKET is "${escaped}": neither a path from / on nor an abstract address`;
    assert.deepEqual([disabledBecause, warnings], [wanted, [wanted]]);
  });

  it('words of the command line', () => {
    const command = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));
    const { stderr } = spawnSync(process.execPath, [command, nasty], { encoding: 'utf8' });
    assert.equal(stderr.split('\n')[0], `sigkit: unknown command: ${escaped}`);
  });

  it('no control character is left, and a stack keeps its lines', () => {
    const every = Array.from({ length: 0x100 }, (_, code) => String.fromCodePoint(code)).join('');
    assert.doesNotMatch(escapeLine(`${every}\u2028\u2029`), /[\p{Cc}\u2028\u2029]/u);
    assert.equal(escapeLine('\\x0A\n'), '\\\\x0A\\x0A');
    assert.equal(escapeLines('Error: a\nb\u001b\n    at c (\\d)'), 'Error: a\n    b\\x1B\n    at c (\\d)');
  });
});
