import { Readable } from 'node:stream';

const stream = () => Readable.from(['one\n', 'two\n'], { objectMode: false });

export async function theirs({ execa }) {
  const { stdout } = await execa('cat', { input: stream() });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('cat', { input: stream() });
  console.log(stdout);
}
