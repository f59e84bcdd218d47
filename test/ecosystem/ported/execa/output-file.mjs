import { readFileSync } from 'node:fs';

export async function theirs({ execa }) {
  await execa('seq', ['3'], { stdout: { file: 'output.txt' } });
  console.log(readFileSync('output.txt', 'utf8'));
}

export async function ours({ run }) {
  await run('seq', ['3'], { stdout: { path: 'output.txt' } });
  console.log(readFileSync('output.txt', 'utf8'));
}
