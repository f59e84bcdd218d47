export async function theirs({ execa }) {
  for await (const line of execa('seq', ['3'])) console.log(line);
}

export async function ours({ run }) {
  for await (const line of run('seq', ['3'])) console.log(line);
}
