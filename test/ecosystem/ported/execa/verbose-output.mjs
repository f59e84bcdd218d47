export async function theirs({ execa }) {
  const { stdout } = await execa('seq', ['3'], { verbose: 'full' });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('seq', ['3'], { verbose: true, stdout: [2, 'pipe'] });
  console.log(stdout);
}

/** What it has said, each line by itself. */
export const told = (stderr) => new Set(stderr.match(/\b\d$/gm));
