import { pathToFileURL } from 'node:url';

export async function theirs({ execa }) {
  for (const cwd of ['/', pathToFileURL('/tmp')]) console.log((await execa('pwd', { cwd })).stdout);
}

export async function ours({ run }) {
  for (const cwd of ['/', pathToFileURL('/tmp')]) console.log((await run('pwd', { cwd })).stdout);
}
