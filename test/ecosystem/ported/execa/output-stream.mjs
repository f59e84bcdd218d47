import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';

export async function theirs({ execa }) {
  const file = createWriteStream('output.txt');
  await once(file, 'open');
  await execa('seq', ['3'], { stdout: file });
  console.log(readFileSync('output.txt', 'utf8'));
}

export async function ours({ run }) {
  const file = createWriteStream('output.txt');
  await run('seq', ['3'], { stdout: file });
  await new Promise((resolve) => file.end(resolve));
  console.log(readFileSync('output.txt', 'utf8'));
}
