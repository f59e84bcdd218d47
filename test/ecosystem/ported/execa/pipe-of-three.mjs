export async function theirs({ execa }) {
  const { stdout } = await execa`seq 20`.pipe`grep 1`.pipe`head -n 2`;
  console.log(stdout);
}

export async function ours({ pipeline }) {
  const { stdout } = await pipeline(['seq', ['20']], ['grep', ['1']], ['head', ['-n', '2']]);
  console.log(stdout);
}
