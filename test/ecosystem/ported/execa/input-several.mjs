import { createReadStream, writeFileSync } from 'node:fs';

export async function theirs({ execa }) {
  writeFileSync('input.txt', 'of a file\n');
  const { stdout } = await execa('sort', { stdin: [['text\n'], { file: 'input.txt' }] });
  console.log(stdout);
}

export async function ours({ run }) {
  writeFileSync('input.txt', 'of a file\n');
  async function* both() {
    yield 'text\n';
    yield* createReadStream('input.txt');
  }
  const { stdout } = await run('sort', { input: both() });
  console.log(stdout);
}
