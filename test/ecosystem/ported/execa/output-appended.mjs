import { readFileSync } from 'node:fs';

export async function theirs({ execa }) {
  for (const text of ['one', 'two']) await execa('echo', [text], { stdout: { file: 'output.txt', append: true } });
  console.log(readFileSync('output.txt', 'utf8'));
}

export async function ours({ run }) {
  for (const text of ['one', 'two']) await run('echo', [text], { stdout: { path: 'output.txt', append: true } });
  console.log(readFileSync('output.txt', 'utf8'));
}
