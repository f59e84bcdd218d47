import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { kill } from 'sigkit';

import { asPid1, canUnshare, init } from '../support/init.js';
import {
  asPackage,
  inShell,
  inTerminalShell,
  runStarted,
  type Running,
  type Starter,
  starterRows,
} from '../support/starters.js';

const terminal = { terminal: true } as const;
const term = ({ pid }: Running): void => kill(pid, 'SIGTERM');

// What systemd does with a control group: it asks each process, and continues it. A wrapper in there hands it on as well.
const wrapper =
  'trap "kill -TERM \\$service" TERM; "$@" & service=$!; while kill -0 $service 2>/dev/null; do wait $service; done';
const controlGroup = ({ child, pid }: Running): void => {
  for (const each of [pid, child.pid]) for (const signal of ['SIGTERM', 'SIGCONT'] as const) kill(each, signal);
};

// Once it has sent its two, timeout does no more.
const timesOut = ({ child, pid }: Running): void => {
  for (const each of [child.pid, pid]) kill(each, 'SIGTERM');
};

const starters: Readonly<Record<string, Starter>> = {
  'a terminal': { ...terminal, command: (service) => service },
  'a shell script': {
    ...terminal,
    command: (service) => [...inTerminalShell, ...service],
  },
  'node --watch': {
    ...terminal,
    command: ([node = '', ...service]) => [...inTerminalShell, node, '--watch', ...service],
  },
  'sigkit-init': { ...terminal, command: (service) => [...inTerminalShell, init, '--', ...service] },
  npm: {
    ...terminal,
    command(service, folder) {
      asPackage(service, folder);
      return [...inTerminalShell, 'npm', 'start'];
    },
  },
  npx: { ...terminal, command: (service) => [...inTerminalShell, 'npx', '--offline', '--call', inShell(service)] },
  timeout: { command: (service) => ['timeout', '600', ...service], ask: timesOut },
  systemd: { command: (service) => ['sh', '-c', wrapper, 'sh', ...service], ask: controlGroup },
  Kubernetes: { command: (service) => [...asPid1, ...service], needs: canUnshare, ask: term },
  'docker stop': { command: (service) => [...asPid1, ...service], needs: canUnshare, ask: term },
};

const elsewhere = readFileSync(new URL('../../../test/ecosystem/starters.test.ts', import.meta.url), 'utf8');

describe('who starts a service with a shutdown', () => {
  const rows = starterRows();

  it('has a test for each row of docs/shutdown.md, here or in test/ecosystem', () => {
    assert.ok(rows.length > 10);
    for (const { by } of rows) {
      assert.ok(by in starters || new RegExp(`^  '?${by}'?: \\{`, 'm').test(elsewhere), by);
    }
    for (const name of Object.keys(starters))
      assert.ok(
        rows.some(({ by }) => by === name),
        name,
      );
  });

  for (const row of rows) {
    const starter = starters[row.by];
    if (starter === undefined) continue;
    const skipped = starter.needs === false;
    it(`${row.by}: it ${row.again}${skipped ? ' (skipped: no namespaces)' : ''}`, async function () {
      if (skipped) return this.skip();
      await runStarted(row, starter);
    });
  }
});
