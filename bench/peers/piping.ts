// piping.js sigkit|sh|execa|zx MIB: three programs joined by pipes, that much through them. Milliseconds of the whole, and of the
// own processor time.
import assert from 'node:assert/strict';

import { pipeline, run } from 'sigkit/process';

import { load } from './packages.js';

interface Ran {
  readonly stdout: string;
}
type Tag = (parts: TemplateStringsArray, ...values: readonly unknown[]) => Piped;
type Piped = Promise<Ran> & {
  pipe(next: Piped): Piped;
  pipe(file: string, args?: readonly string[], options?: object): Piped;
};
type Pipe = (bytes: string) => Promise<Ran>;

const pipes: Readonly<Record<string, () => Promise<Pipe>>> = {
  sigkit: async () => async (bytes) => pipeline(['head', ['-c', bytes, '/dev/zero']], ['cat'], ['wc', ['-c']]),
  sh: async () => async (bytes) => run('sh', ['-c', `head -c ${bytes} /dev/zero | cat | wc -c`]),
  execa: async () => {
    const { execa } = await load<{
      readonly execa: (file: string, args: readonly string[], options?: object) => Piped;
    }>('execa');
    return async (bytes) =>
      execa('head', ['-c', bytes, '/dev/zero'], { buffer: false })
        .pipe('cat', [], { buffer: false })
        .pipe('wc', ['-c']);
  },
  zx: async () => {
    const { $ } = await load<{ readonly $: Tag & { verbose: boolean } }>('zx');
    $.verbose = false;
    return async (bytes) => $`head -c ${bytes} /dev/zero`.pipe($`cat`).pipe($`wc -c`);
  },
};

const [by = '', mebibytes = ''] = process.argv.slice(2);
const pipe = (await pipes[by]?.()) ?? assert.fail(by);
const bytes = String(Number(mebibytes) * 2 ** 20);
assert.equal((await pipe('1')).stdout.trim(), '1');
const [before, used] = [performance.now(), process.cpuUsage()];
const { stdout } = await pipe(bytes);
const wall = performance.now() - before;
const { user, system } = process.cpuUsage(used);
assert.equal(stdout.trim(), bytes);
process.stdout.write(`${wall} ${(user + system) / 1e3}\n`);
