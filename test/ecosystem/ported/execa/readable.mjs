import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export async function theirs({ execa }) {
  const stream = execa('sh', ['-c', 'echo out; exit 3']).readable();
  await text(stream).catch(({ exitCode }) => console.log('failed', exitCode));
}

export async function ours({ run }) {
  const stream = Readable.from(run('sh', ['-c', 'echo out; exit 3']));
  await text(stream).catch(({ result }) => console.log('failed', result.exitCode));
}
