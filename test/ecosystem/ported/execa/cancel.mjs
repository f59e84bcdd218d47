export async function theirs({ execa }) {
  const cancelSignal = AbortSignal.timeout(50);
  const { isCanceled, signal } = await execa('sleep', ['100'], { cancelSignal, reject: false });
  console.log(isCanceled, signal);
}

export async function ours({ run }) {
  const signal = AbortSignal.timeout(50);
  const { aborted, termSignal } = await run('sleep', ['100'], { signal, reject: false });
  console.log(aborted, termSignal);
}
