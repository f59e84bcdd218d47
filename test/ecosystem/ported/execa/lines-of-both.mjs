const script = 'echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; echo 3';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', script], { all: true });
  for await (const line of child.iterable({ from: 'all' })) console.log(line);
}

export async function ours({ run }) {
  const child = run('sh', ['-c', script]);
  for await (const { text } of child.lines({ from: 'all' })) console.log(text);
}
