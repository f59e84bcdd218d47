export async function theirs({ execa }) {
  const child = execa('sh', ['-c', 'echo $$']);
  console.log(String(child.pid) === (await child).stdout);
}

export async function ours({ run }) {
  const child = run('sh', ['-c', 'echo $$']);
  console.log(String(child.pid) === (await child).stdout);
}
