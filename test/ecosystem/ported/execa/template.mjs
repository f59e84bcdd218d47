export async function theirs({ execa }) {
  const { stdout } = await execa`printf [%s] ${'two words'} ${['a', '$HOME']} --of=${3}`;
  console.log(stdout);
}

export async function ours({ $ }) {
  const { stdout } = await $`printf [%s] ${'two words'} ${['a', '$HOME']} --of=${3}`;
  console.log(stdout);
}
