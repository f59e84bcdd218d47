export async function theirs({ execa }) {
  const { exitCode, pipedFrom } = await execa('seq', ['3']).pipe('wc', ['-l']);
  console.log(pipedFrom[0].command, pipedFrom[0].exitCode, exitCode);
}

export async function ours({ pipeline }) {
  const { stages } = await pipeline(['seq', ['3']], ['wc', ['-l']]);
  console.log(stages[0].command, stages[0].exitCode, stages[1].exitCode);
}
