const script = 'echo public; echo secret; echo open';

export async function theirs({ execa }) {
  const withoutSecrets = function* (line) {
    if (!line.includes('secret')) yield line;
  };
  const { stdout } = await execa('sh', ['-c', script], { stdout: withoutSecrets });
  console.log(stdout);
}

export async function ours({ run }) {
  for await (const line of run('sh', ['-c', script])) {
    if (!line.includes('secret')) console.log(line);
  }
}
