import { once } from 'node:events';

const script = 'echo up >&2; read -r line; echo "still here"';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', script], { cleanup: false, stdout: 'inherit' });
  await once(child.stderr, 'data');
  process.exit();
}

export async function ours({ run }) {
  const child = run('sh', ['-c', script], { parentDeathSignal: null, stdin: 'pipe', stdout: 'inherit' });
  for await (const _ of child.lines({ from: 'stderr' })) process.exit();
}
