export async function theirs({ execa }) {
  const { stdout } = await execa('seq', ['3']);
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('seq', ['3']);
  console.log(stdout);
}
