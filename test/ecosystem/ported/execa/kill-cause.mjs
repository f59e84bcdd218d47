export async function theirs({ execa }) {
  const child = execa('sleep', ['100']);
  child.kill(new Error('not needed any more'));
  await child.catch(({ cause }) => console.log(cause.message));
}

export async function ours({ run }) {
  const controller = new AbortController();
  const child = run('sleep', ['100'], { signal: controller.signal });
  controller.abort(new Error('not needed any more'));
  await child.catch(({ result }) => console.log(result.cause.message));
}
