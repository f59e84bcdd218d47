import { chmodSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

function script() {
  writeFileSync('my script', '#!/bin/sh\necho "$0 $1" | tail -c 12\n');
  chmodSync('my script', 0o755);
  return pathToFileURL('my script');
}

export async function theirs({ execa }) {
  const url = script();
  const { stdout } = await execa(url, ['x']);
  console.log(stdout);
}

export async function ours({ run }) {
  const url = script();
  const { stdout } = await run(fileURLToPath(url), ['x']);
  console.log(stdout);
}
