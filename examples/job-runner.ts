// Runs the jobs of a directory: `node job-runner.js DIRECTORY [AT_ONCE]`. A job is a file NAME.json, which is moved there when it
// is whole: { "command": ["make", "all"], "timeoutMs": 60000 }. Its output goes to NAME.log; how it ended, what it used, and who was
// still there then to NAME.result. A file NAME.cancel ends it. On SIGTERM no job begins, those under way have a time to finish, and
// who needs longer begins anew with the next runner. Nothing of a job outlives it, or this process, however that ends.
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { kill } from 'sigkit';
import { run } from 'sigkit/process';
import { createShutdown } from 'sigkit/shutdown';

interface Job {
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs?: number;
}

// Time for the jobs under way, and to end those that need longer.
const [drainMs, budgetMs] = [60_000, 75_000];
const [directory = exampleQueue(), atOnce = process.argv[2] === undefined ? '1' : '2'] = process.argv.slice(2);
const running = new Map<string, { readonly ended: Promise<void>; readonly cancel: () => void }>();
let draining = false;
const shutdown = createShutdown({ budgetMs, exit: 'zero' });

const file = (name: string, kind: string): string => path.join(directory, `${name}.${kind}`);
const entries = (): path.ParsedPath[] =>
  readdirSync(directory)
    .sort()
    .map((entry) => path.parse(entry));

/** @returns what has become of it; undefined if it is to begin anew */
async function perform(name: string, signal: AbortSignal): Promise<object | undefined> {
  try {
    const { command, timeoutMs = 3_600_000 } = JSON.parse(readFileSync(file(name, 'running'), 'utf8')) as Job;
    const [program, ...args] = command;
    const log = { path: file(name, 'log'), append: true };
    const options = { scope: 'contained', timeoutMs, signal, stdout: log, stderr: log, reject: false } as const;
    const { exitCode, termSignal, reason, durationMs, rusage, left } = await run(program, args, options);
    if (reason === 'aborted' && !existsSync(file(name, 'cancel'))) return undefined;
    return { exitCode, termSignal, reason, durationMs, rusage, left: left.map(({ comm }) => comm) };
  } catch (error) {
    return { error: String(error) };
  }
}

async function work(name: string, signal: AbortSignal): Promise<void> {
  const result = await perform(name, signal);
  rmSync(file(name, 'cancel'), { force: true });
  if (result === undefined) {
    renameSync(file(name, 'running'), file(name, 'json'));
  } else {
    writeFileSync(file(name, 'unfinished'), `${JSON.stringify(result, null, 2)}\n`);
    renameSync(file(name, 'unfinished'), file(name, 'result'));
    rmSync(file(name, 'running'));
  }
  running.delete(name);
  console.log(`${name}: ${result === undefined ? 'put back' : 'done'}`);
}

function begin(name: string): void {
  const aborter = new AbortController();
  renameSync(file(name, 'json'), file(name, 'running'));
  const ended = work(name, aborter.signal).then(look);
  running.set(name, { ended, cancel: () => aborter.abort() });
}

function look(): void {
  for (const { name, ext } of entries()) {
    if (ext === '.cancel') running.get(name)?.cancel();
    if (ext === '.json' && !draining && running.size < Number(atOnce)) begin(name);
  }
}

const allEnded = async (): Promise<unknown> => Promise.all(Array.from(running.values(), ({ ended }) => ended));

// A runner that was killed has left them.
for (const { name, ext } of entries()) if (ext === '.running') renameSync(file(name, 'running'), file(name, 'json'));

const watcher = watch(directory, look);
const stopBeginning = (): void => {
  draining = true;
  watcher.close();
};
const endAll = (): Promise<unknown> => {
  for (const { cancel } of running.values()) cancel();
  return allEnded();
};
shutdown.add('queue', stopBeginning, { stage: 'stop-accepting' });
shutdown.add('jobs', allEnded, { stage: 'drain', timeoutMs: drainMs, expected: true });
shutdown.add('late jobs', endAll, { stage: 'stop-work' });
look();

// For the example, where it is given no directory: one that leaves a daemon behind, one that takes too long, and who stops the runner then.
function exampleQueue(): string {
  const queue = mkdtempSync(path.join(tmpdir(), 'queue-'));
  process.once('exit', () => rmSync(queue, { recursive: true }));
  const add = (name: string, job: Job): void => writeFileSync(path.join(queue, `${name}.json`), JSON.stringify(job));
  add('1-leaves-a-daemon', { command: ['sh', '-c', 'setsid sleep 1000 & echo $!'] });
  add('2-takes-too-long', { command: ['sleep', '1000'], timeoutMs: 100 });
  const observer = watch(queue, () => {
    const results = readdirSync(queue).filter((name) => name.endsWith('.result'));
    if (results.length < 2) return;
    observer.close();
    for (const name of results) {
      const { reason, left } = JSON.parse(readFileSync(path.join(queue, name), 'utf8')) as Record<string, unknown>;
      console.log(`${name}: ended for ${String(reason)}, with ${(left as readonly string[]).length} more`);
    }
    kill(process.pid, 'SIGTERM');
  });
  return queue;
}

// Prints:
//   1-leaves-a-daemon: done
//   2-takes-too-long: done
//   1-leaves-a-daemon.result: ended for null, with 1 more
//   2-takes-too-long.result: ended for timeout, with 0 more
