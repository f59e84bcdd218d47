// Who tells what a process does, and how it is asked.
import { fileURLToPath } from 'node:url';

import { type Command, inGo, inNode, inPython, type Program, versionOf } from '../peers/build.js';
import { missingPackage } from '../peers/packages.js';

export interface Tool {
  readonly name: string;
  /** The process that hangs in this way. */
  readonly program: (way: string) => Program;
  /** The signal that asks, */
  readonly signal?: NodeJS.Signals;
  /** or the command, */
  readonly command?: (pid: number) => Command;
  /** and what is typed into it. */
  readonly typed?: string;
  /** Whether it tells of the heap, and not of a place. */
  readonly heap?: true;
  /** A pattern of who tells without being asked how long it took. */
  readonly told?: RegExp;
}

const needs = (found: boolean, what: string, program: Program): Program =>
  found ? program : { missing: `not installed: ${what}` };
const has = (file: string, argument?: string): boolean => versionOf(file, argument) !== undefined;

/** A program of Node's, with these options. */
function node(...options: readonly string[]): (way: string) => Program {
  return (way) => {
    const [file, ...args] = inNode('beside/hung', way).command;
    return { command: [file, ...options, ...args] };
  };
}

const java = fileURLToPath(new URL('../../../bench/peers/beside/Hung.java', import.meta.url));
const inJava = (way: string): Program =>
  needs(has('jstack', '-h') || has('javac'), 'jstack (openjdk-17-jdk-headless)', { command: ['java', java, way] });
const sentry = new URL('../peers/beside/sentry.js', import.meta.url).href;
const missingSentry = missingPackage('@sentry-internal/node-native-stacktrace');

function spied(...options: readonly string[]): Pick<Tool, 'program' | 'command'> {
  return {
    program: (way) => needs(has('py-spy'), 'py-spy (pip install py-spy)', inPython('beside/hung', way)),
    command: (pid) => ['py-spy', 'dump', ...options, '--pid', String(pid)],
  };
}

export const tools: readonly Tool[] = [
  {
    name: 'sigkit: SIGQUIT',
    program: node('--import', import.meta.resolve('sigkit/diagnostics/register')),
    signal: 'SIGQUIT',
  },
  { name: 'Node: no option, SIGQUIT', program: node(), signal: 'SIGQUIT' },
  {
    name: 'Node: --report-on-signal',
    program: node('--report-on-signal', '--report-filename=report.json'),
    signal: 'SIGUSR2',
  },
  {
    name: 'Node: --heapsnapshot-signal',
    program: node('--heapsnapshot-signal=SIGUSR2'),
    signal: 'SIGUSR2',
    heap: true,
  },
  { name: 'Node: --cpu-prof, SIGINT', program: node('--cpu-prof'), signal: 'SIGINT' },
  {
    name: 'Node: node inspect -p (SIGUSR1)',
    program: node(),
    command: (pid) => [process.execPath, 'inspect', '-p', String(pid)],
    typed: 'pause\nbt\n',
  },
  {
    name: 'Sentry: node-native-stacktrace',
    program: missingSentry === undefined ? node('--import', sentry) : () => ({ missing: missingSentry }),
    told: /^took ([\d.]+) ms$/m,
  },
  { name: 'Go: SIGQUIT', program: (way) => withWay(inGo('beside/hung'), way), signal: 'SIGQUIT' },
  {
    name: 'Go: SIGQUIT, GOTRACEBACK=crash',
    program: (way) => withWay(inGo('beside/hung'), way, 'env', 'GOTRACEBACK=crash'),
    signal: 'SIGQUIT',
  },
  { name: 'Java: SIGQUIT', program: inJava, signal: 'SIGQUIT' },
  { name: 'Java: jstack', program: inJava, command: (pid) => ['jstack', String(pid)] },
  {
    name: 'Python: faulthandler, SIGQUIT',
    program: (way) => inPython('beside/hung', way, 'faulthandler'),
    signal: 'SIGQUIT',
  },
  { name: 'Python: py-spy dump', ...spied() },
  { name: 'Python: py-spy dump --native', ...spied('--native') },
];

function withWay(program: Program, way: string, ...by: readonly string[]): Program {
  if (program.command === undefined) return program;
  const [file, ...args] = [...by, ...program.command, way];
  return { command: [file, ...args] };
}
