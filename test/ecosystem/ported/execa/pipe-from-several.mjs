export async function theirs({ execa }) {
  const sorted = execa('sort');
  await Promise.all([execa('seq', ['2']).pipe(sorted), execa('seq', ['3', '4']).pipe(sorted)]);
  console.log((await sorted).stdout);
}

export async function ours({ run }) {
  const sorted = run('sort', { stdin: 'pipe' });
  const sources = [run('seq', ['2'], { stdout: sorted.stdin }), run('seq', ['3', '4'], { stdout: sorted.stdin })];
  await Promise.all(sources);
  sorted.stdin.end();
  console.log((await sorted).stdout);
}
