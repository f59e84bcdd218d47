export async function theirs({ execa }) {
  const { stdout } = await execa('sh', ['-c', 'echo $NAME $HOME'], { env: { NAME: 'x' } });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('sh', ['-c', 'echo $NAME $HOME'], { env: { ...process.env, NAME: 'x' } });
  console.log(stdout);
}
