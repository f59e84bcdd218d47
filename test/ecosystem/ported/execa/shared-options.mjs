export async function theirs({ execa }) {
  const atRoot = execa({ cwd: '/' });
  const tolerant = atRoot({ reject: false });
  console.log((await atRoot`pwd`).stdout, (await tolerant`false`).exitCode);
}

export async function ours({ $ }) {
  const atRoot = $({ cwd: '/' });
  const tolerant = atRoot({ reject: false });
  console.log((await atRoot`pwd`).stdout, (await tolerant`false`).exitCode);
}
