export async function theirs({ execa }) {
  await execa('sh', ['-c', 'echo out; echo err >&2'], { stdout: 1, stderr: process.stdout });
}

export async function ours({ run }) {
  await run('sh', ['-c', 'echo out; echo err >&2'], { stdout: 1, stderr: 1 });
}
