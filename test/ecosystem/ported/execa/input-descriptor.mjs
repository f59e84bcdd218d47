import { openSync, writeFileSync } from 'node:fs';

export async function theirs({ execa }) {
  writeFileSync('input.txt', 'of a file\n');
  const { stdout } = await execa('cat', { stdin: openSync('input.txt') });
  console.log(stdout);
}

export async function ours({ run }) {
  writeFileSync('input.txt', 'of a file\n');
  const { stdout } = await run('cat', { stdin: openSync('input.txt') });
  console.log(stdout);
}
