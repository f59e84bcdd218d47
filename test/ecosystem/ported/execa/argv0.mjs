export async function theirs({ execa }) {
  const { stdout } = await execa('sh', ['-c', 'head -zn 1 /proc/$$/cmdline; :'], { argv0: 'other' });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('sh', ['-c', 'head -zn 1 /proc/$$/cmdline; :'], { argv0: 'other' });
  console.log(stdout);
}
