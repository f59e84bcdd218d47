import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const other = String.raw`[\d.]+ x process.on \([\d.]+\)`;
const inC = String.raw`[\d.]+ x C sigwaitinfo \([\d.]+\)`;

/** What the short form of a bench prints. */
function quickRun(name: string): string {
  const bench = fileURLToPath(new URL(`../bench/${name}.js`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '--quick'], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

describe('the bench', () => {
  it('runs, and prints each figure', () => {
    const stdout = quickRun('signals');
    for (const row of [
      `kill -> body of for await, idle loop, p50 +[\\d.]+ us +${other} +${inC}`,
      `kill -> body of for await, idle loop, p99 +[\\d.]+ us +${other} +${inC}`,
      `\\d+ sigqueue, all, in order: wall +[\\d.]+ ms +${inC}`,
      `\\d+ sigqueue, all, in order: receiver CPU +[\\d.]+ ms +`,
      `\\d+ sigqueue, all, in order: queue full +\\d+ times +`,
      `\\d+ kill\\(SIGUSR2\\): wall +[\\d.]+ ms +`,
      `\\d+ kill\\(SIGUSR2\\): receiver CPU +[\\d.]+ ms +`,
      `\\d+ kill\\(SIGUSR2\\): seen +\\d+ events +`,
      'pthreadSigmask +[\\d.]+ us +[\\d.]+ x Node-API',
      'sigprocmask over \\d+ threads +\\d+ us',
      'sigprocmask over \\d+ threads, for each +[\\d.]+ us',
      "import 'sigkit' +[\\d.]+ ms +[\\d.]+ x the start of node",
      "import 'sigkit': memory +-?[\\d.]+ KiB",
      'idle for \\d+ ms: wake-ups of the waiter +\\d+',
    ]) {
      assert.match(stdout, new RegExp(`^${row}`, 'm'));
    }
  });

  it('of reaping runs, and prints what an orphan costs', () => {
    const stdout = quickRun('reaping');
    assert.match(stdout, /^1000 orphans that exit at once: [\d.]+ us of CPU each$/m);
    assert.match(stdout, /^cost per orphan, 1000 to 100: [\d.]+ \(limit: 1.5\)$/m);
  });

  it('of sigkit-init runs, and prints each figure', () => {
    const stdout = quickRun('init');
    for (const row of [
      'file +\\d+ KiB',
      'start to end around `true` +\\d+ us',
      'resident memory +\\d+ KiB',
      'anonymous memory +\\d+ KiB',
      'idle wake-ups +0.0 /s',
    ]) {
      assert.match(stdout, new RegExp(`^sigkit-init: ${row}`, 'm'));
    }
  });

  it('of a shutdown runs, and prints each figure', () => {
    const stdout = quickRun('shutdown');
    for (const way of ['idle', String.raw`while \(true\)`, 'Atomics.wait']) {
      for (const cause of ['the deadline', 'a second signal'])
        assert.match(stdout, new RegExp(`^end after ${cause}, ${way} +[\\d.]+ ms +[\\d.]+ x SIGKILL`, 'm'));
    }
  });
});
