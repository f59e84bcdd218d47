// Processes that have the faults of docs/runbooks.md, by the names that stand there.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Child, until } from './child.js';
import { scratch, shell, startCommand } from './init.js';
import { childOf, isRunning } from './processes.js';
import { startTarget, targetOf, untilState } from './targets.js';

const program = fileURLToPath(new URL('../fixtures/diagnostics/faults.js', import.meta.url));
const register = import.meta.resolve('sigkit/diagnostics/register');

/** A process with a fault. */
export interface Faulty {
  readonly pid: number;
  /** Where a command that is about it runs. */
  readonly folder: string;
  /** What it has said on stderr. */
  said(): string;
  end(): Promise<void>;
}

type Start = (folder: string) => Promise<{ readonly child: Child; readonly pid?: number }>;

async function ready(command: readonly string[], state: string, env = {}): Promise<{ readonly child: Child }> {
  const child = startCommand(command, { env });
  await child.line(/^ready$/);
  await untilState(child.pid, state);
  return { child };
}

/** With diagnostics open. `before` starts it. */
async function readyNode(
  folder: string,
  state: string,
  [fault, ...args]: readonly string[],
  before: readonly string[] = [],
): Promise<{ readonly child: Child }> {
  const command = [...before, process.execPath, '--import', register, program, fault ?? '', ...args];
  return ready(command, state, { SIGKIT_DIAGNOSTICS_DIRECTORY: path.join(folder, 'dumps') });
}

function fifoIn(folder: string): string {
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  return fifo;
}

const contentOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

async function startCat(): Promise<Child> {
  const child = startCommand(['cat']);
  await until(() => contentOf(`/proc/${child.pid}/comm`) === 'cat\n', 'cat runs');
  return child;
}

// By strace, or by what `perf record` waits for.
function isWatched(pid: number): boolean {
  if (/^TracerPid:\t[1-9]/m.test(contentOf(`/proc/${pid}/status`))) return true;
  return readdirSync('/proc').some((name) => contentOf(`/proc/${name}/cmdline`).startsWith(`tail\0--pid=${pid}\0`));
}

async function killWhenWatched(child: Child): Promise<void> {
  await until(() => !isRunning(child.pid) || isWatched(child.pid), `somebody watches ${child.pid}`);
  child.process.kill('SIGTERM');
}

const starts: Readonly<Record<string, Start>> = {
  blocks: async () => ready(targetOf('pending'), 'S'),
  ignores: async () => ready(targetOf('ignore'), 'S'),
  plain: async () => ready(targetOf('plain'), 'S'),
  zombie: async () => ready(targetOf('zombie'), 'S'),
  shell: async () => ready(['sh', '-c', '"$@"; true', 'sh', ...targetOf('plain')], 'S'),
  keepsConnection: async (folder) => readyNode(folder, 'S', ['keepsConnection']),
  spins: async (folder) => readyNode(folder, 'R', ['spins']),
  waits: async (folder) => readyNode(folder, 'S', ['waits', fifoIn(folder)]),
  async leaksDescriptors(folder) {
    const fault = ['leaksDescriptors', path.join(folder, 'app.log')];
    return readyNode(folder, 'S', fault, ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh']);
  },
  async stopped() {
    const child = await startCat();
    child.process.kill('SIGSTOP');
    await untilState(child.pid, 'T');
    return { child };
  },
  async inKernel(folder) {
    const child = await startTarget('spawn', fifoIn(folder));
    await untilState(child.pid, 'D');
    return { child };
  },
  async killed() {
    const child = await startCat();
    void killWhenWatched(child).catch(() => {});
    return { child };
  },
  async orphan() {
    const child = startCommand(shell('sleep 1000 & echo $!'));
    const pid = Number(await child.line(/^\d+$/));
    await until(() => !isRunning(child.pid), 'the end of its parent');
    return { child, pid };
  },
  async parent() {
    const child = startCommand(shell('sleep 1000; true'));
    await untilState(await childOf(child.pid), 'S');
    return { child };
  },
  async program(folder) {
    writeFileSync(path.join(folder, 'server.js'), "process.kill(process.pid, 'SIGHUP'); setInterval(() => {}, 1000);");
    return { child: startCommand(['cat']) };
  },
};

export const faults: readonly string[] = Object.keys(starts);

export async function startFault(name: string): Promise<Faulty> {
  const folder = mkdtempSync(path.join(scratch(), 'fault-'));
  const start = starts[name];
  if (start === undefined) throw new Error(`no such fault: ${name}`);
  const { child, pid = child.pid } = await start(folder);
  let said = '';
  child.process.stderr?.on('data', (text: string) => (said += text));
  return {
    pid,
    folder,
    said: () => said,
    async end() {
      try {
        // It has a session, and so a group, of its own; its children are in it.
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      await child.ended;
    },
  };
}
