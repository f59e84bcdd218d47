export async function theirs({ execa }) {
  const child = execa('seq', ['100000'], { buffer: false });
  let last;
  for await (const line of child) last = line;
  console.log(last, (await child).stdout ?? '');
}

export async function ours({ run }) {
  const child = run('seq', ['100000']);
  let last;
  for await (const line of child) last = line;
  console.log(last, (await child).stdout);
}
