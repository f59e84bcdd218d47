import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

describe('the demo', () => {
  it('shows senders, 1,000 values in order, masks, and an end by the real SIGTERM', () => {
    const demo = fileURLToPath(new URL('../examples/demo.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [demo], { encoding: 'utf8', timeout: 50_000 });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /SIGHUP +SI_USER +from pid \d+/);
    assert.match(stdout, /SIGRTMIN\+1 +SI_QUEUE +from pid \d+ \(node\) .*value 42/);
    assert.match(stdout, /all 1000 came, in order: true, lost: 0/);
    assert.match(stdout, /threads before the claim:[^]*threads while claimed:[^]*threads after close\(\):/);
    assert.match(stdout, /saw the daemon end: exit code null, signal SIGTERM/);
  });
});
