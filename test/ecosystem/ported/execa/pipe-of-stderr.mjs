const script = 'echo out; echo err >&2';

export async function theirs({ execa }) {
  const { stdout } = await execa('sh', ['-c', script]).pipe('cat', ['-A'], { from: 'stderr' });
  console.log(stdout);
}

export async function ours({ run, spawn }) {
  const first = spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  const { stdout } = await run('cat', ['-A'], { stdin: first.stderr });
  console.log(stdout);
}
