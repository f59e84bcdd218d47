export async function theirs({ execa }) {
  const { stdout } = await execa('seq', ['20']).pipe('wc', ['-l']);
  console.log(stdout.trim());
}

export async function ours({ pipeline }) {
  const { stdout } = await pipeline(['seq', ['20']], ['wc', ['-l']]);
  console.log(stdout.trim());
}
