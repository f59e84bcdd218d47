export async function theirs({ execa }) {
  const { stdout, stderr } = await execa('sh', ['-c', 'echo out; echo err >&2'], { stdout: 'ignore' });
  console.log(stdout ?? '', stderr);
}

export async function ours({ run }) {
  const { stdout, stderr } = await run('sh', ['-c', 'echo out; echo err >&2'], { stdout: 'ignore' });
  console.log(stdout, stderr);
}
