export async function theirs({ execa }) {
  const child = execa('cat', { stdin: 'ignore' });
  console.log(child.stdin, (await child).stdout);
}

export async function ours({ run }) {
  const child = run('cat');
  console.log(child.stdin, (await child).stdout);
}
