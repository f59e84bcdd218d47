export async function theirs({ execa }) {
  const child = execa('sleep', ['100'], { reject: false });
  process.kill(child.pid);
  console.log((await child).signal);
}

export async function ours({ run }) {
  const child = run('sleep', ['100'], { reject: false });
  process.kill(child.pid);
  console.log((await child).termSignal);
}
