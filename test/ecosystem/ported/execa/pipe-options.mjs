export async function theirs({ execa }) {
  const { stdout } = await execa('pwd', { cwd: '/' }).pipe('cat', ['-A'], { stripFinalNewline: false });
  console.log(stdout);
}

export async function ours({ pipeline }) {
  const { stdout } = await pipeline(['pwd', [], { cwd: '/' }], ['cat', ['-A']], { stripFinalNewline: false });
  console.log(stdout);
}
