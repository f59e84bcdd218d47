export async function theirs({ execa }) {
  const { stdout } = await execa`printf [%s]
    first
    second`;
  console.log(stdout);
}

export async function ours({ $ }) {
  const { stdout } = await $`printf [%s]
    first
    second`;
  console.log(stdout);
}
