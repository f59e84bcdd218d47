import assert from 'node:assert/strict';

import { awaitingOrphan, fixture, init, output, recorder, run, shell, startReady } from '../support/init.js';
import { namespace } from './places/place.js';

const notice = 'sigkit-init: not PID 1 and not a subreaper: orphans are not reaped here\n';

/** The signals that arrive when these are sent to the init, one after the other. */
async function arriving(options: readonly string[], sent: readonly number[], count: number): Promise<number[]> {
  const child = await startReady(options, recorder(count));
  for (const signo of sent) process.kill(child.pid, signo);
  const { stdout, code } = await child.ended;
  assert.equal(code, 5, stdout);
  return [...stdout.matchAll(/^child (\d+) /gm)].map((match) => Number(match[1]));
}

describe('sigkit-init: what its options do', () => {
  it('--remap turns one exit code into another, once', async () => {
    for (const [options, script, wanted] of [
      [['-e', '3'], 'exit 3', 0],
      [['-e', '3'], 'exit 4', 4],
      [['-e', '0=9'], 'exit 0', 9],
      [['-e', '1=2', '-e', '2=3'], 'exit 1', 2],
      [['-e', '1=2', '-e', '2=3'], 'exit 2', 3],
      [['-e', '143'], 'kill -TERM $$', 0],
      [['-e', '137=255', '-e', '9=1'], 'kill -KILL $$', 255],
      [['-e', '192=192'], 'kill -64 $$', 192],
    ] as const) {
      assert.equal(await output([init, '-s', ...options, ...shell(script)], { code: wanted }), '');
    }
  });

  it('--rewrite turns one signal into another, once, or drops it; names in all forms', async () => {
    const rules = ['TERM:QUIT', '3:SIGUSR1', 'SIGHUP:0', 'RTMIN+3:RTMAX-1', 'SIGRTMAX:rtmin'];
    const options = rules.flatMap((rule) => ['-r', rule]);
    const arrived = await arriving(options, [1, 15, 3, 37, 64, 1, 12], 5);
    assert.deepEqual(new Set(arrived), new Set([3, 10, 63, 34, 12]));
  });

  it('--rewrite to KILL kills the command', async () => {
    const child = await startReady(['-r', 'USR1:KILL'], recorder(1));
    process.kill(child.pid, 'SIGUSR1');
    assert.equal((await child.ended).signal, 'SIGKILL');
  });

  it('--delay keeps termination signals back for so long, and no others', async () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
      const child = await startReady(['--delay', '0.2'], recorder(2));
      const sent = performance.now();
      process.kill(child.pid, signal);
      // Of two that are pending, the lower number comes first: not these.
      process.kill(child.pid, 'SIGURG');
      assert.match(await child.line(/^child /), /^child 23 /);
      await child.line(/^child /);
      assert.ok(performance.now() - sent >= 200);
      assert.equal((await child.ended).code, 5);
    }
  });

  it('--delay ends with the command', async () => {
    const child = await startReady(['--delay', '1000'], shell('echo ready; read line; exit 4'));
    process.kill(child.pid, 'SIGTERM');
    child.write('go\n');
    assert.equal((await child.ended).code, 4);
  });

  it('--pdeathsig: it gets the signal when its parent ends, and forwards it', async () => {
    for (const [options, env] of [
      [['-p', 'USR1'], ''],
      [['--pdeathsig=RTMIN+1', '-r', '35:10'], ''],
      [[], 'SIGKIT_INIT_PDEATHSIG=SIGUSR1'],
    ] as const) {
      const parent = ['env', ...(env === '' ? [] : [env]), ...shell('"$@" & read line'), 'sh'];
      const child = await startReady([], [], [...parent, init, '-s', ...options, ...recorder(1)]);
      child.write('end\n');
      assert.match((await child.ended).stdout, /^child 10 /m);
    }
  });

  it('--pdeathsig KILL kills the command, too', async () => {
    // Its end closes stdout, without which there is none here.
    const child = await startReady(
      [],
      [],
      [...shell('"$@" & read line'), 'sh', init, '-sp9', ...shell('echo ready; exec sleep 1000')],
    );
    child.write('end\n');
    const { code, stderr } = await child.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  it('says once that orphans are not reaped, where they are not', async () => {
    assert.equal((await run([init, 'true'])).stderr, notice);
    for (const options of [['-s'], ['--drain'], ['-t', '5']])
      assert.equal(await output([init, ...options, 'true']), '');
    assert.equal(await output([fixture('probe-start'), '-s', init, 'true']), '');
    if (namespace.missing === undefined) assert.equal(await output(namespace.enter([init, 'true'])), '');
  });

  it('--subreaper and --warn-reaped: a line for each orphan, and none for the command', async () => {
    for (const [script, how] of [
      ['exit 3', 'exit code 3'],
      ['kill -9 $$', 'SIGKILL'],
      ['kill -35 $$', 'SIGRTMIN+1'],
    ] as const) {
      const { stdout, stderr, code } = await run([init, '-sw', ...awaitingOrphan(script)]);
      assert.deepEqual({ stderr, code }, { stderr: `sigkit-init: reaped process ${stdout.trim()}: ${how}\n`, code: 0 });
    }
  });

  it('--verbose says what is started, what is forwarded, and how it ends', async () => {
    const child = await startReady(['-v'], recorder(2));
    process.kill(child.pid, 'SIGUSR1');
    await child.line(/^child 10 /);
    process.kill(child.pid, 36);
    const { stderr, stdout } = await child.ended;
    const pid = /^ready (\d+)$/m.exec(stdout)?.[1] ?? '';
    const lines = stderr.trimEnd().split('\n');
    for (const [at, told] of [pid, 'SIGUSR1', 'SIGRTMIN+2', 'exit code 5'].entries()) {
      assert.ok(lines[at]?.startsWith('sigkit-init: ') && lines[at].includes(told), stderr);
    }
    assert.equal(lines.length, 4, stderr);
  });
});
