export async function theirs({ execa }) {
  const { timedOut, signal } = await execa('sleep', ['100'], { timeout: 50, reject: false });
  console.log(timedOut, signal);
}

export async function ours({ run }) {
  const { timedOut, termSignal } = await run('sleep', ['100'], { timeoutMs: 50, reject: false });
  console.log(timedOut, termSignal);
}
