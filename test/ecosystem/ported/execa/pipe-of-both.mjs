const script = 'echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; echo 3';

export async function theirs({ execa }) {
  const { stdout } = await execa('sh', ['-c', script], { all: true }).pipe('cat', ['-A'], { from: 'all' });
  console.log(stdout);
}

export async function ours({ pipeline }) {
  const { stdout } = await pipeline(['sh', ['-c', `exec 2>&1; ${script}`]], ['cat', ['-A']]);
  console.log(stdout);
}
