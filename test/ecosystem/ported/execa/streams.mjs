import { text } from 'node:stream/consumers';

export async function theirs({ execa }) {
  const child = execa('tr', ['a-z', 'A-Z']);
  child.stdin.end('given');
  console.log(await text(child.stdout));
}

export async function ours({ spawn }) {
  const child = spawn('tr', ['a-z', 'A-Z']);
  child.stdin.end('given');
  console.log(await text(child.stdout));
}
