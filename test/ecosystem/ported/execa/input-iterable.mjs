async function* numbers() {
  for (const number of [1, 2, 3]) yield `${number}\n`;
}

export async function theirs({ execa }) {
  const { stdout } = await execa('cat', { stdin: numbers() });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('cat', { input: numbers() });
  console.log(stdout);
}
