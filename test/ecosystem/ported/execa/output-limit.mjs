export async function theirs({ execa }) {
  const error = await execa('yes', { maxBuffer: 4 }).catch((reason) => reason);
  console.log(error.isMaxBuffer, JSON.stringify(error.stdout));
}

export async function ours({ run }) {
  const { result } = await run('yes', { maxBuffer: 4, onMaxBuffer: 'end' }).catch((reason) => reason);
  console.log(result.truncated.stdout, JSON.stringify(result.stdout));
}
