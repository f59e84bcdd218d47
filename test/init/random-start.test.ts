import assert from 'node:assert/strict';

import { canUnshare, fixture, init, run } from '../support/init.js';

// A sanitizer's start is slow, and has system calls and threads of its own.
const sanitized = process.env['SIGKIT_NODE'] !== undefined;
const rounds = sanitized ? 80 : 2000;

const blocked = [
  ['blocked', '--subreaper'],
  ['blocked', '--subreaper', '--group'],
] as const;
const asFirst = [['pid1'], ['pid1', '--group']] as const;
const ways = canUnshare ? [...blocked, ...asFirst] : blocked;

const untraced = sanitized ? ' (skipped: it has system calls of the sanitizer)' : '';

function skipUntraced(context: Mocha.Context): never {
  console.log('      skipped: it cannot be traced, or has no static libc');
  return context.skip();
}

function told({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return `${stdout}\n${stderr}`.slice(0, 4000);
}

describe('a signal while sigkit-init starts', () => {
  it(`${rounds} starts${canUnshare ? '' : ', none as PID 1 (no namespaces here)'}, signals at random moments within 20 ms of the exec: none lost, none doubled`, async () => {
    const count = rounds / ways.length;
    const played = ways.map(async ([how, ...options], index) => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const numbers = [String(count), String(seed)];
      const outcome = await run([fixture('race-random'), how, ...numbers, fixture('race-probe'), init, ...options]);
      const sum = outcome.stdout.trimEnd().split('\n').at(-1);
      const about = `${ways[index]?.join(' ')}, seed ${seed}:\n${told(outcome)}`;
      assert.equal(sum, `rounds ${count} lost 0 doubled 0 strange 0`, about);
    });
    await Promise.all(played);
  });

  const steps = [...ways, ['blocked', '--subreaper', '--session'], ['blocked', '--subreaper', '--hold']] as const;

  it(`at each system call from its exec to its command, however long that takes: none lost, none doubled${untraced}`, async function () {
    if (sanitized) this.skip();
    const played = steps.map(async ([how, ...options]) => {
      const outcome = await run([fixture('race-steps'), how, fixture('race-probe'), init, ...options]);
      if (outcome.code === 77) return false;
      const [, places, sums] = /^places (\d+) (.*)$/m.exec(outcome.stdout) ?? [];
      assert.equal(sums, 'lost 0 doubled 0 strange 0', `${how} ${options.join(' ')}:\n${told(outcome)}`);
      assert.ok(Number(places) > 50, `${places} places`);
      return true;
    });
    const could = await Promise.all(played);
    if (could.includes(false)) skipUntraced(this);
  });

  it(`from its first instructions on, before libc starts${untraced}`, async function () {
    if (sanitized || !canUnshare) this.skip();
    const outcome = await run([fixture('race-steps'), 'first', fixture('race-probe'), init]);
    if (outcome.code === 77) skipUntraced(this);
    assert.equal(outcome.stdout, 'places 2 lost 0 doubled 0 strange 0\n', told(outcome));
  });
});
