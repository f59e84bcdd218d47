import { writeFileSync } from 'node:fs';

const file = 'file.mjs';
const text = 'console.log(process.argv[2], process.execArgv)';

export async function theirs({ execaNode }) {
  writeFileSync(file, text);
  const { stdout } = await execaNode(file, ['x'], { nodeOptions: ['--no-warnings'] });
  console.log(stdout);
}

export async function ours({ run }) {
  writeFileSync(file, text);
  const { stdout } = await run(process.execPath, ['--no-warnings', file, 'x']);
  console.log(stdout);
}
