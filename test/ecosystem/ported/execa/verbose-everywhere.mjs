export const env = { theirs: { NODE_DEBUG: 'execa' }, ours: { SIGKIT_VERBOSE: '1' } };

export async function theirs({ execa }) {
  await execa('seq', ['3'], { stdout: 'ignore' });
}

export async function ours({ run }) {
  await run('seq', ['3'], { stdout: 'ignore' });
}

/** A line at its start, and one at its end. */
export const told = (stderr) => stderr.trimEnd().split('\n').length === 2 && stderr.includes('seq 3');
