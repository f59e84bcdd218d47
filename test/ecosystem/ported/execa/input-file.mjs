import { createReadStream, openSync, writeFileSync } from 'node:fs';

export async function theirs({ execa }) {
  writeFileSync('input.txt', 'of a file\n');
  const first = await execa('cat', { inputFile: 'input.txt' });
  const second = await execa('cat', { stdin: { file: 'input.txt' } });
  console.log(first.stdout, second.stdout);
}

export async function ours({ run }) {
  writeFileSync('input.txt', 'of a file\n');
  const first = await run('cat', { input: createReadStream('input.txt') });
  const second = await run('cat', { stdin: openSync('input.txt') });
  console.log(first.stdout, second.stdout);
}
