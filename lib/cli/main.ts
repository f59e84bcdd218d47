#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import { escapeLine } from '../base/escape.js';
import { packageFolder } from '../base/package-folder.js';
import { init } from './init.js';

const usage = `usage: sigkit init [options] [--] command [arguments]
       sigkit --version | --help

init   runs the command under sigkit-init, which takes the place of this process: sigkit init --help
`;

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(`${packageFolder()}/package.json`, 'utf8'));
  return (manifest as { readonly version: string }).version;
}

function refuse(problem: string): number {
  process.stderr.write(`sigkit: ${problem}\n${usage}`);
  return 2;
}

function run([command, ...rest]: readonly string[]): number {
  if (command === 'init') return init(rest);
  if (command === '--version') process.stdout.write(`sigkit ${version()}\n`);
  else if (command === '--help' || command === '-h') process.stdout.write(usage);
  else return refuse(command === undefined ? 'no command' : `unknown command: ${escapeLine(command)}`);
  return 0;
}

process.exitCode = run(process.argv.slice(2));
