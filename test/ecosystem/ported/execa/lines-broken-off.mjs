export async function theirs({ execa }) {
  const child = execa('yes', { buffer: false, reject: false });
  for await (const line of child) {
    console.log(line);
    child.kill();
    break;
  }
  console.log((await child).signal);
}

export async function ours({ run }) {
  const child = run('yes', { reject: false });
  for await (const line of child) {
    console.log(line);
    break;
  }
  console.log((await child).termSignal);
}
