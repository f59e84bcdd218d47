export async function theirs({ execa }) {
  const { stdout } = await execa('/usr/bin/env', { env: { NAME: 'x' }, extendEnv: false });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('/usr/bin/env', { env: { NAME: 'x' } });
  console.log(stdout);
}
