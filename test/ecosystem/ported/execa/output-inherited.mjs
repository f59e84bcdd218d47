export async function theirs({ execa }) {
  await execa('sh', ['-c', 'echo out'], { stdout: 'inherit' });
}

export async function ours({ run }) {
  await run('sh', ['-c', 'echo out'], { stdout: 'inherit' });
}
