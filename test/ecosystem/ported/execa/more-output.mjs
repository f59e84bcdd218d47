import { text } from 'node:stream/consumers';

export async function theirs({ execa }) {
  const { stdio } = await execa('sh', ['-c', 'echo three >&3'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  console.log(stdio[3]);
}

export async function ours({ spawn }) {
  const child = spawn('sh', ['-c', 'echo three >&3'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  console.log((await text(child.stdio[3])).trimEnd());
}
