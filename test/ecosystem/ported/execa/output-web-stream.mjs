import { Writable } from 'node:stream';

const collecting = (chunks) => new WritableStream({ write: (chunk) => void chunks.push(Buffer.from(chunk)) });

export async function theirs({ execa }) {
  const chunks = [];
  await execa('seq', ['3'], { stdout: collecting(chunks) });
  console.log(String(Buffer.concat(chunks)));
}

export async function ours({ run }) {
  const chunks = [];
  await run('seq', ['3'], { stdout: Writable.fromWeb(collecting(chunks)) });
  console.log(String(Buffer.concat(chunks)));
}
