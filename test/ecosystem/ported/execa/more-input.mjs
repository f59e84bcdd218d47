import { text } from 'node:stream/consumers';

export async function theirs({ execa }) {
  const { stdout } = await execa('sh', ['-c', 'cat <&3'], { stdio: ['ignore', 'pipe', 'pipe', Buffer.from('three')] });
  console.log(stdout);
}

export async function ours({ spawn }) {
  const child = spawn('sh', ['-c', 'cat <&3'], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  child.stdio[3].end('three');
  console.log(await text(child.stdout));
}
