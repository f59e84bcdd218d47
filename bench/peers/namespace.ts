import { spawnSync } from 'node:child_process';

/** Makes a command PID 1 of a namespace with a /proc of its own, which ends with this process. */
export const asInit: readonly string[] = ['unshare', '--fork', '--pid', '--mount-proc', '--kill-child'];

/** Why no namespace can be made here, or undefined. */
export function missingNamespace(): string | undefined {
  const [file = '', ...args] = asInit;
  if (spawnSync(file, [...args, 'true']).status === 0) return undefined;
  return `no pid namespace for it: \`${asInit.join(' ')}\` fails without root`;
}
