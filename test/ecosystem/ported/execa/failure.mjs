export async function theirs({ execa, ExecaError }) {
  const error = await execa('sh', ['-c', 'echo no luck >&2; exit 3']).catch((reason) => reason);
  console.log(error instanceof ExecaError, error.exitCode, error.stderr);
}

export async function ours({ run, RunError }) {
  const error = await run('sh', ['-c', 'echo no luck >&2; exit 3']).catch((reason) => reason);
  console.log(error instanceof RunError, error.result.exitCode, error.result.stderr);
}
