import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

describe('the bench', () => {
  it('runs, and prints each figure', () => {
    const bench = fileURLToPath(new URL('../bench/signals.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '--quick'], {
      encoding: 'utf8',
      timeout: 50_000,
    });
    assert.equal(status, 0, stderr);
    for (const row of [
      /p50 .* x process.on, .* x C/,
      /p99/,
      /wall .* x C/,
      /CPU .* x C/,
      /pthreadSigmask/,
      /sigprocmask over/,
      /idle waiter +0/,
    ]) {
      assert.match(stdout, row);
    }
  });
});
