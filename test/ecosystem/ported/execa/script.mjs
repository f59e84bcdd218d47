export async function theirs({ $ }) {
  console.log((await $`cat`).stdout);
}

export async function ours({ $ }) {
  const script = $({ stdin: 'inherit', preferLocal: true });
  console.log((await script`cat`).stdout);
}
