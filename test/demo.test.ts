import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

describe('the demo', () => {
  it('shows senders, 1,000 values in order, masks, and an end by the real SIGTERM', () => {
    const demo = fileURLToPath(new URL('../examples/demo.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [demo], { encoding: 'utf8', timeout: 30_000 });
    assert.equal(status, 0, stdout + stderr);
    for (const line of [
      /SIGHUP +SI_USER +from pid \d+ \(.+\), uid \d+$/m,
      /SIGUSR2 +SI_USER +from pid \d+ \(.+\), uid \d+$/m,
      /SIGRTMIN\+1 +SI_QUEUE +from pid \d+ \(.+\), uid \d+, value 42$/m,
      /^ +1 x sigkit +blocks \d+ signals, waits for SIGHUP SIGUSR2 SIGTERM SIGRTMIN\+1/m,
      /ok +all \d+ threads of Node block all four$/m,
      /the loop stood still for \d{4,} ms$/m,
      /sent -> taken by the native thread .* median +-?[\d.]+ /,
      /ok +all 1000 came, in order$/m,
      /ok +all were taken while the loop stood still$/m,
      /ok +every mask is what it was before the claim$/m,
      /the parent saw: exit code null, signal SIGTERM; a shell would show 143$/m,
      /ok +it died of the real SIGTERM$/m,
    ]) {
      assert.match(stdout, line);
    }
    assert.doesNotMatch(stdout, /NOT TRUE/);
  });
});
