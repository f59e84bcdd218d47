import { readFileSync } from 'node:fs';

export async function theirs({ execa }) {
  const { stdout } = await execa('seq', ['3'], { stdout: ['inherit', { file: 'output.txt' }, 'pipe'] });
  console.log(readFileSync('output.txt', 'utf8'), stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('seq', ['3'], { stdout: ['inherit', { path: 'output.txt' }, 'pipe'] });
  console.log(readFileSync('output.txt', 'utf8'), stdout);
}
