export async function theirs({ execa }) {
  const child = execa('sleep', ['100'], { reject: false });
  console.log(child.kill('SIGINT'));
  const { isTerminated, signal } = await child;
  console.log(isTerminated, signal, child.kill());
}

export async function ours({ run }) {
  const child = run('sleep', ['100'], { reject: false });
  console.log(child.kill('SIGINT'));
  const { termSignal } = await child;
  console.log(termSignal !== null, termSignal, child.kill());
}
