import { readFileSync } from 'node:fs';

const script = 'echo out; sleep 0.1; echo err >&2; sleep 0.1; echo out';

export async function theirs({ execa }) {
  const output = { file: 'output.txt' };
  await execa('sh', ['-c', script], { stdout: output, stderr: output });
  console.log(readFileSync('output.txt', 'utf8'));
}

export async function ours({ run }) {
  const output = { path: 'output.txt' };
  await run('sh', ['-c', script], { stdout: output, stderr: output });
  console.log(readFileSync('output.txt', 'utf8'));
}
