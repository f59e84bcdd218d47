import { Duplex } from 'node:stream';

const words = () => new Response('some words').body;

export async function theirs({ execa }) {
  const upper = Duplex.toWeb(execa('tr', ['a-z', 'A-Z']).duplex());
  console.log(await new Response(words().pipeThrough(upper)).text());
}

export async function ours({ spawn }) {
  const { stdin, stdout } = spawn('tr', ['a-z', 'A-Z']);
  const upper = Duplex.toWeb(Duplex.from({ writable: stdin, readable: stdout }));
  console.log(await new Response(words().pipeThrough(upper)).text());
}
