import { text } from 'node:stream/consumers';

export async function theirs({ execa }) {
  const source = execa('seq', ['3'], { buffer: false });
  const stdio = ['ignore', 'pipe', 'inherit', ['pipe', source.readable()]];
  const { stdout } = await execa('sh', ['-c', 'cat <&3'], { stdio });
  console.log(stdout);
}

export async function ours({ spawn }) {
  const source = spawn('seq', ['3'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const reader = spawn('sh', ['-c', 'cat <&3'], { stdio: ['ignore', 'pipe', 'inherit', source.stdout] });
  console.log((await text(reader.stdout)).trimEnd());
}
