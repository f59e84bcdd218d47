export async function theirs({ execa }) {
  const sorted = execa('sort', ['-r']);
  execa('seq', ['3']).pipe(sorted);
  for await (const line of sorted) console.log(line);
}

export async function ours({ pipeline }) {
  for await (const line of pipeline(['seq', ['3']], ['sort', ['-r']])) console.log(line);
}
