export async function theirs({ execa }) {
  const source = execa('seq', ['3']);
  const results = await Promise.all([source.pipe('wc', ['-l']), source.pipe('head', ['-n', '1'])]);
  console.log(results.map(({ stdout }) => stdout.trim()));
}

export async function ours({ run }) {
  const results = [run('wc', ['-l'], { stdin: 'pipe' }), run('head', ['-n', '1'], { stdin: 'pipe' })];
  const streams = results.map(({ stdin }) => stdin);
  await run('seq', ['3'], { stdout: streams });
  for (const stream of streams) stream.end();
  console.log((await Promise.all(results)).map(({ stdout }) => stdout.trim()));
}
