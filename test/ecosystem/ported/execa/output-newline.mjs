export async function theirs({ execa }) {
  const { stdout } = await execa('seq', ['3'], { stripFinalNewline: false });
  console.log(JSON.stringify(stdout));
}

export async function ours({ run }) {
  const { stdout } = await run('seq', ['3'], { stripFinalNewline: false });
  console.log(JSON.stringify(stdout));
}
