import assert from 'node:assert/strict';

import { injecting, needNoSanitizer } from '../fixtures/process/means.js';
import { type Child, until } from '../support/child.js';
import { init, startCommand } from '../support/init.js';
import { childrenOf, statOf } from '../support/processes.js';
import { namespace, type Place, plain } from './places/place.js';

// The second try to execute a program stops the command: after its mask has been opened, as Ctrl-Z would. All others try once.
const path = '/none-1:/none-2:/none-3';

interface Started {
  readonly child: Child;
  readonly pid: number;
  readonly command: number;
}

/** Finds a descendant. */
function find(pid: number, matches: (pid: number) => boolean): number | undefined {
  if (matches(pid)) return pid;
  for (const below of childrenOf(pid)) {
    const found = find(below, matches);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Starts it in a place, and waits until init goes on although its command is stopped. */
async function startStopped(
  context: Mocha.Context,
  place: Place,
  words: readonly string[],
  more: string,
): Promise<Started> {
  if (place.missing !== undefined) context.skip();
  needNoSanitizer(context);
  const wrapper = injecting(context, 'execve', 'signal=SIGTSTP:when=2');
  const inside = place
    .enter([init, '-v', '-s', ...words])
    .map((word) => (word === 'unshare' ? '/usr/bin/unshare' : word));
  const child = startCommand([...wrapper, '-E', `PATH=${path}${more}`, ...inside]);
  let said = '';
  child.process.stderr?.on('data', (text) => (said += String(text)));
  // A tracer stops it, too, for moments: its state does not tell.
  await until(() => said.includes('started process'), 'init goes on');
  const pid = find(child.pid, (one) => statOf(one)?.comm === 'sigkit-init' && childrenOf(one).length > 0) ?? 0;
  const [command = 0] = childrenOf(pid);
  assert.equal(statOf(command)?.comm, 'sigkit-init', 'it has not executed its program');
  return { child, pid, command };
}

describe('sigkit-init and a command that is stopped before its program is executed', () => {
  for (const place of [plain, namespace]) {
    const why = place.missing === undefined ? '' : ` (skipped: ${place.missing})`;
    describe(`as ${place.name}${why}`, () => {
      it('goes on without it, forwards to it, and takes its end for its own', async function () {
        const { child, pid, command } = await startStopped(this, place, ['sleep', '1000'], ':/usr/bin:/bin');
        assert.equal(statOf(command)?.group, command);
        process.kill(pid, 'SIGTERM');
        const { code, signal, stderr } = await child.ended;
        assert.match(stderr, /forwarded SIGTERM[^]*continued process[^]*ended by SIGTERM/);
        assert.deepEqual(
          { code, signal },
          place.asPid1 ? { code: 143, signal: null } : { code: null, signal: 'SIGTERM' },
        );
      });

      it('runs it when it is continued', async function () {
        const command = ['sh', '-c', 'exit 6'];
        const { child, pid } = await startStopped(this, place, command, ':/usr/bin:/bin');
        process.kill(pid, 'SIGCONT');
        assert.equal((await child.ended).code, 6);
      });

      it('says then why there is none', async function () {
        const { child, pid } = await startStopped(this, place, ['no-such-program'], '');
        process.kill(pid, 'SIGCONT');
        const { code, stderr } = await child.ended;
        assert.equal(code, 127, stderr);
        assert.match(stderr, /^sigkit-init: no-such-program: not found$/m);
      });
    });
  }
});
