export async function theirs({ execa }) {
  const { stdout } = await execa('tr', ['a-z', 'A-Z'], { input: 'Grüße' });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('tr', ['a-z', 'A-Z'], { input: 'Grüße' });
  console.log(stdout);
}
