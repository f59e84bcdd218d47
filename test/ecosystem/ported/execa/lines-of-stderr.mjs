const script = 'echo out; echo err >&2';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', script]);
  for await (const line of child.iterable({ from: 'stderr' })) console.log(line);
}

export async function ours({ run }) {
  const child = run('sh', ['-c', script]);
  for await (const line of child.lines({ from: 'stderr' })) console.log(line);
}
