import { asPackage, inShell, inTerminalShell, runStarted, type Starter, starterRows } from '../support/starters.js';
import { commandOf, needs } from './support/installed.js';

const terminal = { terminal: true } as const;
const node = process.execPath;

const starters: Readonly<Record<string, Starter>> = {
  pnpm: {
    ...terminal,
    command(service, folder) {
      asPackage(service, folder);
      return [...inTerminalShell, node, commandOf('pnpm'), 'exec', ...service];
    },
  },
  yarn: {
    ...terminal,
    command(service, folder) {
      asPackage(service, folder);
      return [...inTerminalShell, node, commandOf('yarn'), '--silent', 'start'];
    },
  },
  nodemon: {
    ...terminal,
    command: ([, ...service]) => [
      ...inTerminalShell,
      node,
      commandOf('nodemon'),
      '--quiet',
      '--watch',
      'home',
      ...service,
    ],
  },
  concurrently: {
    ...terminal,
    command: (service) => [...inTerminalShell, node, commandOf('concurrently'), '--raw', `exec ${inShell(service)}`],
  },
  tsx: { ...terminal, command: ([, ...service]) => [...inTerminalShell, node, commandOf('tsx'), ...service] },
  pm2: {
    command(service, folder) {
      asPackage(service, folder);
      return [node, commandOf('pm2', 'pm2-runtime'), 'start', 'npm', '--', 'start'];
    },
    env: { PM2_KILL_TIMEOUT: '60000' },
    ask: ({ child }) => process.kill(child.pid, 'SIGINT'),
  },
};

describe('who starts a service with a shutdown: real packages', () => {
  for (const row of starterRows()) {
    const starter = starters[row.by];
    if (starter === undefined) continue;
    describe(row.by, () => {
      needs(row.by);

      it(`it ${row.again}`, async function () {
        // It kills a program of which it hears nothing within 60 ms: of a busy machine that is too much to ask each time.
        if (row.by === 'tsx') this.retries(4);
        await runStarted(row, starter);
      });
    });
  }
});
