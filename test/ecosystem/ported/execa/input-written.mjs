export async function theirs({ execa }) {
  const child = execa('cat');
  child.stdin.write('one ');
  child.stdin.end('two');
  console.log((await child).stdout);
}

export async function ours({ run }) {
  const child = run('cat', { stdin: 'pipe' });
  child.stdin.write('one ');
  child.stdin.end('two');
  console.log((await child).stdout);
}
