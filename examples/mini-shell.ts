// A shell with job control: Ctrl-C, Ctrl-Z, jobs, fg, bg, exit, and `&` after a command. Started on a terminal it hands that to
// each job and takes it back when the job stops or ends. Without one it only runs the lines of its input. It does not put
// back what a program has done to the terminal's modes.
import { read } from 'node:fs';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';

import { ignoreSignals, killpg } from 'sigkit';
import { getpgrp, spawn, type SpawnedProcess, tcsetpgrp, terminateGroup, type WaitResult } from 'sigkit/process';

interface Job {
  readonly id: number;
  readonly command: string;
  readonly child: SpawnedProcess;
  state: 'running' | 'stopped' | 'done';
  inForeground: boolean;
  /** Ends the wait of the shell. */
  release: () => void;
}

const interactive = isatty(0);
const jobs = new Map<number, Job>();
const readInput = promisify(read);

// Not a stream: that would read on while a job has the terminal, and take the job's input away.
async function* readLines(): AsyncGenerator<string> {
  const buffer = Buffer.alloc(4096);
  let text = '';
  for (;;) {
    const end = text.indexOf('\n');
    if (end >= 0) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
      continue;
    }
    if (interactive) process.stdout.write('$ ');
    const { bytesRead } = await readInput(0, buffer, 0, buffer.length, null);
    if (bytesRead === 0) return yield text;
    text += buffer.toString('utf8', 0, bytesRead);
  }
}

function giveTerminalTo(group: number): void {
  if (interactive) tcsetpgrp(0, group);
}

function print(job: Job, what: string): void {
  console.log(`[${job.id}] ${what} ${job.command}`);
}

function note(job: Job, { stopped, continued, termSignal }: WaitResult): void {
  job.state = stopped ? 'stopped' : continued ? 'running' : 'done';
  if (stopped) print(job, 'stopped');
  else if (termSignal !== null) print(job, termSignal);
  else if (!continued && !job.inForeground) print(job, 'done');
  if (job.state === 'done') jobs.delete(job.id);
  if (job.state !== 'running') job.release();
}

async function watch(job: Job): Promise<void> {
  for await (const change of job.child) note(job, change);
}

async function waitInForeground(job: Job): Promise<void> {
  job.inForeground = true;
  await new Promise<void>((resolve) => (job.release = resolve));
  job.inForeground = false;
}

function start(command: string, background: boolean): Job {
  const [file = '', ...args] = command.split(/\s+/);
  // Without a terminal there are no groups either: who interrupts the shell means all of it.
  const child = spawn(file, args, {
    stdio: 'inherit',
    processGroup: interactive,
    foreground: interactive && !background,
    parentDeathSignal: 'SIGHUP',
  });
  const id = Math.max(0, ...jobs.keys()) + 1;
  const job: Job = { id, command, child, state: 'running', inForeground: false, release: () => {} };
  jobs.set(id, job);
  void watch(job);
  return job;
}

// The terminal first: a job that reads from it would stop again at once (SIGTTIN).
function resume(job: Job, inForeground: boolean): void {
  if (inForeground) giveTerminalTo(job.child.processGroup);
  killpg(job.child.processGroup, 'SIGCONT');
  job.state = 'running';
  print(job, 'continued');
}

async function run(line: string): Promise<void> {
  const [word = '', number] = line.split(/\s+/);
  if (word === 'jobs') return [...jobs.values()].forEach((job) => print(job, job.state));
  if (word === 'fg' || word === 'bg') {
    const job = number === undefined ? [...jobs.values()].at(-1) : jobs.get(Number(number));
    if (job === undefined) throw new Error('no such job');
    resume(job, word === 'fg');
    if (word === 'fg') await waitInForeground(job);
  } else if (line.endsWith('&')) print(start(line.slice(0, -1).trim(), true), 'running');
  else if (line !== '') await waitInForeground(start(line, false));
}

if (interactive) ignoreSignals(['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']);
for await (const line of readLines()) {
  if (line.trim() === 'exit') break;
  // The terminal is out of the shell's hands after a failed spawn too: it is handed over before the program is looked for.
  await run(line.trim())
    .catch((error: Error) => console.log(error.message))
    .finally(() => giveTerminalTo(getpgrp()));
}
if (interactive) await Promise.all([...jobs.values()].map(({ child }) => terminateGroup(child.processGroup)));
console.log('exit');

// Prints:
//   exit
