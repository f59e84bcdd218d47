export async function theirs({ execa }) {
  const { stdout } = await execa('cat', { stdin: 'inherit' });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('cat', { stdin: 'inherit' });
  console.log(stdout);
}
