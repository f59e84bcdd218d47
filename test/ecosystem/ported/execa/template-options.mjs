export async function theirs({ execa }) {
  const { stdout } = await execa({ cwd: '/' })`pwd`;
  console.log(stdout);
}

export async function ours({ $ }) {
  const { stdout } = await $({ cwd: '/' })`pwd`;
  console.log(stdout);
}
