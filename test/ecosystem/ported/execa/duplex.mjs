import { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

const words = () => Readable.from(['some words']);

export async function theirs({ execa }) {
  const upper = execa('tr', ['a-z', 'A-Z']).duplex();
  await pipeline(words(), upper, async (stream) => console.log(await text(stream)));
}

export async function ours({ spawn }) {
  const { stdin, stdout } = spawn('tr', ['a-z', 'A-Z']);
  const upper = Duplex.from({ writable: stdin, readable: stdout });
  await pipeline(words(), upper, async (stream) => console.log(await text(stream)));
}
