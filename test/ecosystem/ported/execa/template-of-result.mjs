export async function theirs({ execa }) {
  const count = await execa`echo 3`;
  const { stdout } = await execa`seq ${count}`;
  console.log(stdout);
}

export async function ours({ $ }) {
  const count = await $`echo 3`;
  const { stdout } = await $`seq ${count.stdout}`;
  console.log(stdout);
}
