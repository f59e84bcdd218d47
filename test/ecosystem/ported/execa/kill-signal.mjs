export async function theirs({ execa }) {
  const { signal } = await execa('sleep', ['100'], { timeout: 50, killSignal: 'SIGHUP', reject: false });
  console.log(signal);
}

export async function ours({ run }) {
  const { termSignal } = await run('sleep', ['100'], { timeoutMs: 50, sig: 'SIGHUP', reject: false });
  console.log(termSignal);
}
