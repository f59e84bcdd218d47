export async function theirs({ execa }) {
  const { stdout } = await execa('printf', [String.raw`\377\0\n`], { encoding: 'buffer', stripFinalNewline: false });
  console.log([...stdout]);
}

export async function ours({ run }) {
  const { stdout } = await run('printf', [String.raw`\377\0\n`], { encoding: 'bytes', stripFinalNewline: false });
  console.log([...stdout]);
}
