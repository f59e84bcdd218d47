// Asks processes that hang what they do, each by the tools of its language, and prints the table of docs/diagnostics.md:
//   node dist/bench/beside/main.js [TOOL...]    what a tool's name begins with
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';

import type { Command } from '../peers/build.js';
import { type Tool, tools } from './tools.js';

const ways = ['loop', 'regexp', 'call', 'worker', 'idle'] as const;
type Way = (typeof ways)[number];

// What each says of the place, if it says it.
const places: Readonly<Record<Way, RegExp>> = {
  loop: /hangsInLoop/,
  regexp: /hangsInRegexp/,
  call: /hangsInCall/,
  worker: /hangsInLoop/,
  idle: /idle: its event loop|epoll_?wait|IO wait|Net.accept|in serve\b|serve \(|No stack/,
};
const calls = /in the system call (\w+)/;
const patienceMs = 4000;
// Java compiles first.
const startMs = 20_000;
const stepMs = 1;

interface Answer {
  readonly what: string;
  readonly ms: number;
  readonly goesOn: boolean;
  readonly text: string;
}

class Running {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sigkit-beside-'));
  readonly child: ChildProcess;
  #said = '';

  constructor(command: Command) {
    this.child = spawn(command[0], command.slice(1), { cwd: this.folder, detached: true });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (part: Buffer) => (this.#said += part.toString()));
    // It may have ended.
    this.child.stdin?.on('error', () => {});
  }

  get goesOn(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it has written, also into files. */
  get said(): string {
    const files = readdirSync(this.folder).map((file) => readFileSync(path.join(this.folder, file), 'utf8'));
    return [this.#said, ...files].join('\n');
  }

  async until(holds: () => boolean, ms: number = patienceMs): Promise<boolean> {
    const end = performance.now() + ms;
    while (performance.now() < end && !holds()) await pass(stepMs);
    return holds();
  }

  async end(): Promise<void> {
    const { pid } = this.child;
    try {
      // The sleep(1) that it waits for, too.
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {}
    if (this.goesOn) await once(this.child, 'exit');
    rmSync(this.folder, { recursive: true });
  }
}

function judge(text: string, way: Way): string {
  const line = text.split('\n').findIndex((each) => places[way].test(each));
  const call = calls.exec(text)?.[1];
  if (line >= 0 && way === 'idle') return 'that it waits';
  if (line >= 0) {
    const around = text
      .split('\n')
      .slice(line, line + 4)
      .join(' ');
    return /(?::|line |lineno": |lineNumber":)\d+/.test(around) ? 'function, line' : 'function';
  }
  return call === undefined ? '' : `the call ${call}`;
}

/** Asks the process; what is told afterwards, and after how long. */
async function ask(tool: Tool, hung: Running, way: Way): Promise<Answer> {
  const before = hung.said.length;
  const began = performance.now();
  const { pid = 0 } = hung.child;
  if (tool.signal !== undefined) hung.child.kill(tool.signal);
  const asking = tool.command === undefined ? undefined : new Running(tool.command(pid));
  const text = (): string => (asking === undefined ? hung.said.slice(before) : asking.said);
  if (asking !== undefined && tool.typed !== undefined) {
    await asking.until(() => asking.said.includes('debug>'));
    for (const line of tool.typed.trim().split('\n')) {
      const said = asking.said.length;
      asking.child.stdin?.write(`${line}\n`);
      await asking.until(() => asking.said.slice(said).includes('debug>'), 1000);
    }
  }
  const what = (): string => {
    if (tool.heap !== true) return judge(text(), way);
    return text().includes('"snapshot"') ? 'its heap' : '';
  };
  await (asking ?? hung).until(() => what() !== '' || (asking !== undefined && !asking.goesOn));
  const ms = performance.now() - began;
  await pass(300);
  const told = tool.told?.exec(text())?.[1];
  const answer = {
    what: what(),
    ms: told === undefined ? ms : Number(told),
    goesOn: hung.goesOn,
    text: text(),
  };
  await asking?.end();
  return answer;
}

async function measure(tool: Tool, way: Way): Promise<Answer | string> {
  const { command, missing } = tool.program(way);
  if (command === undefined) return missing;
  const hung = new Running(command);
  try {
    if (!(await hung.until(() => hung.said.includes('ready'), startMs))) return `does not start: ${hung.said}`;
    // Until it hangs; a Worker starts later than it is made.
    await pass(300);
    return await ask(tool, hung, way);
  } finally {
    await hung.end();
  }
}

function wakeUps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((tid) => readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8'))
    .reduce((all, status) => all + Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]), 0);
}

/** Wake-ups a second of an idle process, not asked anything. */
async function atRest(tool: Tool): Promise<number> {
  const { command } = tool.program('idle');
  if (command === undefined) return NaN;
  const idle = new Running(command);
  try {
    await idle.until(() => idle.said.includes('ready'), startMs);
    await pass(1500);
    const { pid = 0 } = idle.child;
    const before = wakeUps(pid);
    await pass(2000);
    return (wakeUps(pid) - before) / 2;
  } finally {
    await idle.end();
  }
}

const wanted = process.argv.slice(2);
const chosen = tools.filter(({ name }) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix)));
console.log(`| asked by | ${ways.join(' | ')} | answers in | goes on | wake-ups at rest |`);
console.log(`|${' --- |'.repeat(ways.length + 4)}`);
for (const tool of chosen) {
  const answers: (Answer | string)[] = [];
  for (const way of ways) answers.push(await measure(tool, way));
  const told = answers.filter((answer): answer is Answer => typeof answer !== 'string');
  const missing = answers.find((answer) => typeof answer === 'string');
  if (missing !== undefined) {
    console.log(`| ${tool.name} | ${missing} |`);
    continue;
  }
  const times = told.filter(({ what }) => what !== '').map(({ ms }) => Math.round(ms));
  if (process.env['SHOW'] !== undefined) for (const { text } of told) console.error(`--- ${tool.name}\n${text}`);
  const ending = told.every(({ goesOn }) => goesOn) ? 'yes' : 'no';
  const cells = [
    ...told.map(({ what }) => what || '-'),
    times.length === 0 ? '-' : `${Math.min(...times)}-${Math.max(...times)} ms`,
  ];
  console.log(`| ${tool.name} | ${cells.join(' | ')} | ${ending} | ${await atRest(tool)} /s |`);
}
