// tree.js terminateTree|terminateGroup|cgroup|supervisor|tree-kill COUNT GROWER: has GROWER grow a tree of COUNT processes, ends it, and prints
// the milliseconds until whoever ends it says so and the kernel has closed the pipe that all of them held.
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { promisify } from 'node:util';

import { type ContainmentKind, run, spawn, terminateGroup, terminateTree } from 'sigkit/process';

interface Tree {
  /** All of it, as far as it has grown. */
  readonly output: Readable;
  readonly end: () => Promise<unknown>;
}

const [by = '', size = '', grower = ''] = process.argv.slice(2);
const args = ['grow', size];

function grown(end: (root: number) => Promise<unknown>): Tree {
  const { pid, stdout } = spawn(grower, args, { stdio: ['ignore', 'pipe', 'inherit'], processGroup: true });
  return { output: stdout, end: () => end(pid) };
}

function contained(contain: ContainmentKind): Tree {
  const [output, abort] = [new PassThrough(), new AbortController()];
  const { signal } = abort;
  const job = run(grower, args, { contain, signal, sig: 'SIGKILL', stdout: output, stderr: 'inherit', reject: false });
  const end = async (): Promise<void> => {
    abort.abort();
    await job;
    output.end();
  };
  return { output, end };
}

const trees: Readonly<Record<string, () => Promise<Tree>>> = {
  terminateTree: async () => grown((root) => terminateTree(root)),
  terminateGroup: async () => grown((root) => terminateGroup(root)),
  cgroup: async () => contained('cgroup'),
  supervisor: async () => contained('supervisor'),
  'tree-kill': async () => {
    const { default: kill } = await import('tree-kill');
    return grown(promisify(kill));
  },
};

const tree = await trees[by]?.();
if (tree === undefined) throw new Error(`nobody is called ${by}`);
const { output, end } = tree;
await new Promise<void>((resolve) => {
  let count = 0;
  output.on('data', (bytes: Buffer) => {
    count += bytes.length;
    if (count === Number(size)) resolve();
  });
});
const before = performance.now();
await Promise.all([end(), once(output, 'end')]);
process.stdout.write(`${performance.now() - before}\n`);
