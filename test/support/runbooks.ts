// docs/runbooks.md as data, and what its command lines print.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { until } from './child.js';
import { command } from './command.js';
import { type Faulty, startFault } from './faults.js';
import { scratch } from './init.js';

const file = fileURLToPath(new URL('../../../docs/runbooks.md', import.meta.url));
const deadlineMs = 20_000;

export interface Line {
  readonly section: string;
  readonly fault: string;
  readonly text: string;
  /** What is shown of its output. */
  readonly shown: readonly string[];
}

/** Each command line, with the section and the fault that it is about. */
export function linesOfRunbooks(): readonly Line[] {
  return readFileSync(file, 'utf8')
    .split(/^## /m)
    .slice(1)
    .flatMap((part) => {
      const section = part.slice(0, part.indexOf('\n'));
      return [...part.matchAll(/^```console (\w+)\n([^]*?)^```$/gm)].flatMap(([, fault = '', block = '']) =>
        block
          .split(/^\$ /m)
          .filter((text) => text !== '')
          .map((text) => {
            const [line = '', ...shown] = text.trimEnd().split('\n');
            return { section, fault, text: line, shown };
          }),
      );
    });
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

// 47.. is some process, node the name of its main thread, which newer ones change, … anything; columns have any width.
function patternFor(shown: string): RegExp {
  const text = escaped(shown.trim())
    .replace(/\b47\d\d\b/g, String.raw`\d+`)
    .replace(/\bnode\b/g, String.raw`(?:node|(?:node-)?MainT\w*|node-Main)`)
    .replace(/\s*…\s*/g, '.*')
    .replace(/\s+/g, String.raw`\s+`);
  return new RegExp(`^\\s*${text}\\s*$`, 'm');
}

export const missingOf = (shown: readonly string[], output: string): readonly string[] =>
  shown.filter((line) => !patternFor(line).test(output));

let folder: string | undefined;

// `sigkit` and `node` as they would be where the package is installed.
function programs(): string {
  if (folder !== undefined) return folder;
  folder = path.join(scratch(), 'runbooks');
  mkdirSync(folder);
  symlinkSync(process.execPath, path.join(folder, 'node'));
  const own = path.join(folder, 'sigkit');
  writeFileSync(own, `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`);
  chmodSync(own, 0o755);
  return folder;
}

export function startShell(text: string, pid: number = 0, cwd: string = scratch()): ChildProcess {
  const env = { ...process.env, PATH: `${programs()}:${process.env['PATH']}`, PID: String(pid), LC_ALL: 'C' };
  return spawn('sh', ['-c', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs });
}

async function outputOf({ text, shown }: Line, faulty: Faulty): Promise<string> {
  const child = startShell(text, faulty.pid, faulty.folder);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (more: string) => (output += more));
  const [code] = (await once(child, 'close')) as [number | null];
  if (shown.length === 0 && code !== 0) throw new Error(`${text} ends with ${code}:\n${output}`);
  const all = (): string => `${output}\n${faulty.said()}`;
  await until(() => missingOf(shown, all()).length === 0, 'what is shown', 2000).catch(() => {});
  return all();
}

// Tracers do not share a process, nor those that change it.
const own = /\b(?:strace|gdb|kill|tail)\b/;
const shared = new Map<string, { readonly faulty: Promise<Faulty>; users: number }>();

async function outputWithOthers(line: Line): Promise<string> {
  const entry = shared.get(line.fault) ?? { faulty: startFault(line.fault), users: 0 };
  shared.set(line.fault, entry);
  entry.users += 1;
  try {
    return await outputOf(line, await entry.faulty);
  } finally {
    entry.users -= 1;
    if (entry.users === 0) {
      shared.delete(line.fault);
      await (await entry.faulty).end();
    }
  }
}

/** What it prints, and the process says meanwhile. At a second try it has a process of its own. */
export async function run(line: Line, isFirst: boolean): Promise<string> {
  if (isFirst && !own.test(line.text)) return outputWithOthers(line);
  const faulty = await startFault(line.fault);
  try {
    return await outputOf(line, faulty);
  } finally {
    await faulty.end();
  }
}
