export async function theirs({ execa }) {
  await execa('seq', ['3'], { verbose: 'short' });
}

export async function ours({ run }) {
  await run('seq', ['3'], { verbose: true });
}

/** A line at its start, and one at its end. */
export const told = (stderr) => stderr.trimEnd().split('\n').length === 2 && stderr.includes('seq 3');
