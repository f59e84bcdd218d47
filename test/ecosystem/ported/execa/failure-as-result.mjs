export async function theirs({ execa }) {
  const { failed, exitCode } = await execa('sh', ['-c', 'exit 3'], { reject: false });
  console.log(!failed, exitCode);
}

export async function ours({ run }) {
  const { ok, exitCode } = await run('sh', ['-c', 'exit 3'], { reject: false });
  console.log(ok, exitCode);
}
