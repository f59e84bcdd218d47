export async function theirs({ execa }) {
  const { stdout } = await execa('echo "${0##*/}"', { shell: '/bin/bash' });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('echo "${0##*/}"', { shell: '/bin/bash' });
  console.log(stdout);
}
