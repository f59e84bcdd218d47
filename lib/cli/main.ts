#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import { escapeLine } from '../base/escape.js';
import { packageRoot } from '../base/package-root.js';
import { build } from './build.js';

const usage = `usage: sigkit init [options] [--] command [arguments]
       sigkit inspect [--json] PID
       sigkit stacks [--json] PID
       sigkit dump [options] PID
       sigkit explain [--json] SIGNAL PID
       sigkit doctor [options] -- COMMAND [ARGS]
       sigkit build
       sigkit --version | --help

build    compiles sigkit from source, where nothing that is prebuilt fits
doctor   ends an app in several ways, and tells what goes wrong: sigkit doctor --help
explain  what would come of a signal to a process, and what may lose it
init     runs the command under sigkit-init, which takes the place of this process: sigkit init --help
inspect  a process with its threads, their signals, its groups, limits and children
stacks   where its JavaScript is, though it hangs, if it has diagnostics open
dump     all that such a process tells of itself, a heap snapshot or a profile: sigkit dump --help
`;

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8'));
  return (manifest as { readonly version: string }).version;
}

function refuse(problem: string): number {
  process.stderr.write(`sigkit: ${problem}\n${usage}`);
  return 2;
}

// What loads the addon is loaded by who needs it: `build` is for where it cannot be loaded.
async function run([command, ...rest]: readonly string[]): Promise<number> {
  if (command === 'init') return (await import('./init.js')).init(rest);
  if (command === 'inspect') return (await import('./inspect.js')).inspect(rest);
  if (command === 'stacks') return (await import('./stacks.js')).stacks(rest);
  if (command === 'dump') return (await import('./dump.js')).dump(rest);
  if (command === 'explain') return (await import('./explain.js')).explain(rest);
  if (command === 'doctor') return (await import('./doctor.js')).doctor(rest);
  if (command === 'build') return rest.length === 0 ? build() : refuse('build takes no arguments');
  if (command === '--version') process.stdout.write(`sigkit ${version()}\n`);
  else if (command === '--help' || command === '-h') process.stdout.write(usage);
  else return refuse(command === undefined ? 'no command' : `unknown command: ${escapeLine(command)}`);
  return 0;
}

void run(process.argv.slice(2)).then((status) => (process.exitCode = status));
