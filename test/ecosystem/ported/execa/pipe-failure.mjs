export async function theirs({ execa }) {
  const error = await execa('sh', ['-c', 'exit 3'])
    .pipe('cat')
    .catch((reason) => reason);
  console.log(error.exitCode);
}

export async function ours({ pipeline }) {
  const error = await pipeline(['sh', ['-c', 'exit 3']], ['cat']).catch((reason) => reason);
  console.log(error.result.stages[0].exitCode);
}
