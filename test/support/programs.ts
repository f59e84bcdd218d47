import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Child, until } from './child.js';
import { type CommandOptions, scratch, startCommand } from './init.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Holds up all that JavaScript would do, as a long import does, until a byte is written to the program.
const pause = `
const { readSync, writeSync } = require('node:fs');
module.exports = (what) => {
  writeSync(1, what + '\\n');
  readSync(0, Buffer.alloc(1));
};
`;
let made: string | undefined;
let programs = 0;

/** Where programs can import sigkit as everybody does. */
export function projectFolder(): string {
  if (made === undefined) {
    made = path.join(scratch(), 'project');
    mkdirSync(path.join(made, 'node_modules'), { recursive: true });
    symlinkSync(root, path.join(made, 'node_modules/sigkit'));
    writeFileSync(path.join(made, 'pause.cjs'), pause);
  }
  return made;
}

/** A file of that text in the project, an ES module unless its kind says otherwise. There, `pause.cjs` is a function. */
export function programFile(text: string, kind: 'mjs' | 'cjs' = 'mjs'): string {
  programs += 1;
  const file = path.join(projectFolder(), `program-${programs}.${kind}`);
  writeFileSync(file, text);
  return file;
}

export interface ProgramOptions extends CommandOptions {
  /** Of node. @default --import sigkit/early */
  readonly nodeOptions?: readonly string[];
  readonly args?: readonly string[];
  /** A command that starts node. */
  readonly wrapper?: readonly string[];
}

export const early: readonly string[] = ['--import', 'sigkit/early'];

/** Starts node with a file in the project. */
export function startProgram(file: string, options: ProgramOptions = {}): Child {
  const { nodeOptions = early, args = [], wrapper = [], ...others } = options;
  const command = [...wrapper, process.execPath, ...nodeOptions, file, ...args];
  return startCommand(command, { cwd: projectFolder(), ...others });
}

/** Waits until somebody in the process has taken what had been sent to it. */
export async function taken(pid: number): Promise<void> {
  const pending = (): bigint =>
    BigInt(`0x${/^ShdPnd:\t(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''}`);
  await until(() => pending() === 0n, `nothing is pending for ${pid}`);
}
