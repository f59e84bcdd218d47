// tree.js terminateTree|terminateGroup|tree-kill COUNT GROWER: has GROWER grow a tree of COUNT processes, ends it, and prints
// the milliseconds until whoever ends it says so and the kernel has closed the pipe that all of them held.
import { once } from 'node:events';
import { promisify } from 'node:util';

import { spawn, terminateGroup, terminateTree } from 'sigkit/process';

type End = (root: number) => Promise<unknown>;

const ends: Readonly<Record<string, () => Promise<End>>> = {
  terminateTree: async () => (root) => terminateTree(root),
  terminateGroup: async () => (root) => terminateGroup(root),
  'tree-kill': async () => promisify((await import('tree-kill')).default),
};

const [by = '', size = '', grower = ''] = process.argv.slice(2);
const end = await ends[by]?.();
if (end === undefined) throw new Error(`nobody is called ${by}`);
const root = spawn(grower, ['grow', size], { stdio: ['ignore', 'pipe', 'inherit'], processGroup: true });
const grown = new Promise<void>((resolve) => {
  let count = 0;
  root.stdout?.on('data', (bytes: Buffer) => {
    count += bytes.length;
    if (count === Number(size)) resolve();
  });
});
await grown;
const before = performance.now();
await Promise.all([end(root.pid), once(root.stdout ?? process.stdin, 'end')]);
process.stdout.write(`${performance.now() - before}\n`);
