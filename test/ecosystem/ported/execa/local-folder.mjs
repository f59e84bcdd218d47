import { localProgram } from '../support.mjs';

export async function theirs({ execa }) {
  localProgram('project');
  const { stdout } = await execa('local-program', { preferLocal: true, localDir: 'project/src' });
  console.log(stdout);
}

export async function ours({ run }) {
  localProgram('project');
  const { stdout } = await run('local-program', { preferLocal: 'project/src' });
  console.log(stdout);
}
