// running.js sigkit|execFile|execa|zx true|output COUNT AT_ONCE: runs `true`, or what writes 1 MiB, until COUNT of them have ended,
// AT_ONCE at a time. Prints the microseconds of the whole, and of the own processor time, by their number.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { run } from 'sigkit/process';

import { load } from './packages.js';

interface Ran {
  readonly stdout: string;
}
type Runner = (file: string, args: readonly string[]) => Promise<Ran>;

const maxBuffer = 2 ** 21;

const runners: Readonly<Record<string, () => Promise<Runner>>> = {
  sigkit: async () => async (file, args) => run(file, args),
  execFile: async () => {
    const promised = promisify(execFile);
    return async (file, args) => promised(file, args, { maxBuffer });
  },
  execa: async () => {
    const { execa } = await load<{ readonly execa: Runner }>('execa');
    return execa;
  },
  zx: async () => {
    type Tag = (parts: TemplateStringsArray, ...values: readonly unknown[]) => Promise<Ran>;
    const { $ } = await load<{ readonly $: Tag & { verbose: boolean } }>('zx');
    $.verbose = false;
    return async (file, args) => $`${file} ${args}`;
  },
};

const commands: Readonly<Record<string, readonly [string, readonly string[], number]>> = {
  true: ['/bin/true', [], 0],
  output: ['/usr/bin/head', ['-c', String(2 ** 20), '/dev/zero'], 2 ** 20],
};

const [by = '', what = '', total = '', atOnce = ''] = process.argv.slice(2);
const runner = await runners[by]?.();
const command = commands[what];
assert.ok(runner !== undefined && command !== undefined, `${by} ${what}`);
const [file, args, length] = command;
let started = 0;

async function runSome(until: number): Promise<void> {
  while (started < until) {
    started += 1;
    const { stdout } = (await runner?.(file, args)) ?? assert.fail();
    assert.equal(stdout.length, length);
  }
}

// What is compiled and loaded at the first is not measured.
await runSome(5);
started = 0;
const [before, used] = [performance.now(), process.cpuUsage()];
await Promise.all(Array.from({ length: Number(atOnce) }, () => runSome(Number(total))));
const wall = performance.now() - before;
const { user, system } = process.cpuUsage(used);
process.stdout.write(`${(wall * 1e3) / Number(total)} ${(user + system) / Number(total)}\n`);
