import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export async function theirs({ execa }) {
  await execa('seq', ['3'], { stdout: pathToFileURL('output.txt') });
  console.log(readFileSync('output.txt', 'utf8'));
}

export async function ours({ run }) {
  await run('seq', ['3'], { stdout: { path: pathToFileURL('output.txt') } });
  console.log(readFileSync('output.txt', 'utf8'));
}
