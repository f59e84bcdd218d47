import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { Tools } from '../../fixtures/scenario.js';
import { until } from '../../support/child.js';
import { statOf } from '../../support/processes.js';
import { commandFor, type Outcome, outcomeOf } from '../../support/scenario.js';
import { Terminal } from '../../support/terminal.js';

const program = fileURLToPath(new URL('../../../../test/fixtures/shutdown/stderr.py', import.meta.url));

/** Ends at a deadline, with a hook of that name, and a group; or at a second signal. */
function forced({ shutdown, sigkit, childProcess, fs }: Tools): void {
  const { HOOK: name = 'hook', SECOND: second } = process.env;
  const group =
    childProcess.spawn('sh', ['-c', 'trap "" TERM; exec sleep 100'], { detached: true, stdio: 'ignore' }).pid ?? 0;
  fs.writeSync(1, `group ${group}\n`);
  const ending = shutdown.createShutdown({ budgetMs: second === undefined ? 100 : 20_000 });
  ending.addGroup(group);
  ending.add(name, () => {
    if (second !== undefined) sigkit.sigqueue(process.pid, 'SIGINT', 0);
    return new Promise(() => {});
  });
  sigkit.kill(process.pid, 'SIGTERM');
  setInterval(() => {}, 1000);
}

function withStderr(kind: string, variables: readonly string[] = []): Promise<Outcome> {
  return outcomeOf(forced, { wrapper: ['env', ...variables, 'python3', program, kind], deadlineMs: 20_000 });
}

async function groupEnds({ stdout }: Outcome): Promise<void> {
  const group = Number(/^group (\d+)$/m.exec(stdout)?.[1]);
  await until(() => (statOf(group)?.state ?? 'Z') === 'Z', 'the group is gone');
}

describe('the last line of a forced end', () => {
  for (const kind of ['full-pipe', 'full-socket', 'nobody']) {
    it(`holds up nothing: ${kind}`, async () => {
      const outcome = await withStderr(kind);
      assert.equal(outcome.code, 124, outcome.stderr);
      await groupEnds(outcome);
    });
  }

  it('holds up nothing where a terminal has room for half of it', async () => {
    // How much fits into a terminal is never quite the same.
    for (const _ of [1, 2, 3, 4]) {
      const outcome = await withStderr('narrow-terminal');
      assert.equal(outcome.code, 124, outcome.stderr);
      await groupEnds(outcome);
    }
  });

  it('is one write, at a deadline and at a second signal', async () => {
    for (const [variables, cause, code] of [
      [[], String.raw`: the deadline`, 124],
      [['SECOND=SIGINT'], String.raw`, then SIGINT from pid \d+ \(uid \d+\): a second signal`, 130],
    ] as const) {
      const outcome = await withStderr('datagrams', variables);
      assert.equal(outcome.code, code, outcome.stderr);
      const wrote = outcome.stdout.split('\n').filter((line) => line.startsWith('wrote'));
      assert.equal(wrote.length, 1, outcome.stdout);
      const pattern = String.raw`^wrote 'sigkit: SIGTERM from pid \d+ \(uid \d+\)${cause} after \d+ ms, in stopping: hook; event loop blocked for \d+ ms(?:, (?:at|in) [^;]+)?; exit ${code}\\n'$`;
      assert.match(wrote[0] ?? '', new RegExp(pattern));
      await groupEnds(outcome);
    }
  });

  it('is cut between two characters', async () => {
    for (const [name, shown] of [
      ['é'.repeat(600), 'é'.repeat(250)],
      [`x${'é'.repeat(600)}`, `x${'é'.repeat(250)}`],
    ] as const) {
      const { code, stderr } = await outcomeOf(forced, { wrapper: ['env', `HOOK=${name}`] });
      assert.equal(code, 124, stderr);
      const at = stderr.indexOf('in stopping: ') + 'in stopping: '.length;
      assert.equal(stderr.slice(at, stderr.indexOf('; event loop')), shown);
      assert.match(stderr, /; exit 124\n$/);
      assert.equal(stderr.indexOf('\n'), stderr.length - 1);
    }
  });

  it('leaves no raw terminal behind', async () => {
    const { command, args } = commandFor(({ shutdown, sigkit, childProcess }) => {
      process.stdin.setRawMode(true);
      const mode = (): string => childProcess.execSync('stty -a', { stdio: ['inherit', 'pipe', 'inherit'] }).toString();
      assert.match(mode(), /-icanon/);
      shutdown.createShutdown({ budgetMs: 50 }).add('hook', () => new Promise(() => {}));
      sigkit.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
    const script = '"$@"; echo code $?; stty -a | grep -o -e "-*icanon"';
    await using terminal = await Terminal.start(['sh', '-c', script, 'sh', command, ...args]);
    await terminal.line('code 124');
    await terminal.line('icanon');
  });

  it('leaves nobody a pipe that does not block, nor does any other end by us', async () => {
    for (const [way, status] of [
      ['forced', 124],
      ['by signal', 143],
      ['exitBySignal', 143],
    ] as const) {
      const { command, args } = commandFor(({ shutdown, sigkit, fs }) => {
        process.stdout.write('');
        assert.ok(Number(/flags:\s+(\d+)/.exec(fs.readFileSync('/proc/self/fdinfo/1', 'utf8'))?.[1]) % 10_000 >= 4000);
        if (process.env['WAY'] === 'exitBySignal') return sigkit.exitBySignal('SIGTERM');
        const options = process.env['WAY'] === 'forced' ? { budgetMs: 50, reserveMs: 0 } : {};
        shutdown.createShutdown(options).add('hook', () => {
          if (process.env['WAY'] === 'forced') for (;;);
        });
        sigkit.kill(process.pid, 'SIGTERM');
        setInterval(() => {}, 1000);
      });
      const script = '"$@"; echo $?; exec grep flags /proc/self/fdinfo/1';
      const child = spawn('sh', ['-c', script, 'sh', command, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, WAY: way },
      });
      const [code, flags] = (await text(child.stdout)).split(/\n(?:flags:\s+)?/);
      assert.deepEqual([way, code, Number(flags) % 10_000 >= 4000], [way, String(status), false]);
    }
  });
});
