import { once } from 'node:events';

// What is written to the program's own stdout after its end.
const script = 'trap "echo ended; exit" TERM; echo up >&2; while :; do sleep 0.05; done';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', script], { stdout: 'inherit' });
  await once(child.stderr, 'data');
  process.exit();
}

export async function ours({ run }) {
  const child = run('sh', ['-c', script], { stdout: 'inherit' });
  for await (const _ of child.lines({ from: 'stderr' })) process.exit();
}
