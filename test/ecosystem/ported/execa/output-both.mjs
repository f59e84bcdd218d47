const script = 'echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; echo 3';

export async function theirs({ execa }) {
  const { all } = await execa('sh', ['-c', script], { all: true });
  console.log(all);
}

export async function ours({ run }) {
  const { all } = await run('sh', ['-c', script]);
  console.log(all);
}
