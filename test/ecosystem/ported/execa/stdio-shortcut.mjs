export async function theirs({ execa }) {
  const { exitCode } = await execa('sh', ['-c', 'echo out; echo err >&2; cat'], { stdio: 'ignore' });
  console.log(exitCode);
}

export async function ours({ run }) {
  const { exitCode } = await run('sh', ['-c', 'echo out; echo err >&2; cat'], { stdout: 'ignore', stderr: 'ignore' });
  console.log(exitCode);
}
