import { localProgram } from '../support.mjs';

export async function theirs({ execa }) {
  localProgram('.');
  const { stdout } = await execa('local-program', { preferLocal: true });
  console.log(stdout);
}

export async function ours({ run }) {
  localProgram('.');
  const { stdout } = await run('local-program', { preferLocal: true });
  console.log(stdout);
}
