export async function theirs({ execa }) {
  let size = 0;
  for await (const chunk of execa('seq', ['1000']).iterable({ binary: true })) size += chunk.length;
  console.log(size);
}

export async function ours({ spawn }) {
  let size = 0;
  for await (const chunk of spawn('seq', ['1000']).stdout) size += chunk.length;
  console.log(size);
}
