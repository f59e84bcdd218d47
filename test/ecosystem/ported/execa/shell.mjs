export async function theirs({ execa }) {
  const { stdout } = await execa('echo $((6 * 7)) | cat', { shell: true });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('echo $((6 * 7)) | cat', { shell: true });
  console.log(stdout);
}
