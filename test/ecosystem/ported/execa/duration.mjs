export async function theirs({ execa }) {
  const { durationMs } = await execa('sleep', ['0.1']);
  console.log(durationMs >= 100);
}

export async function ours({ run }) {
  const { durationMs } = await run('sleep', ['0.1']);
  console.log(durationMs >= 100);
}
