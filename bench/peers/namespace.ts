import { spawnSync } from 'node:child_process';

// Whoever is not root can have one together with a namespace of users.
const namespaces = process.geteuid?.() === 0 ? ['--pid'] : ['--map-root-user', '--pid'];

/** Makes a command PID 1 of a namespace with a /proc of its own, which ends with this process. */
export const asInit: readonly string[] = ['unshare', ...namespaces, '--fork', '--mount-proc', '--kill-child'];

/** Why no namespace can be made here, or undefined. */
export function missingNamespace(): string | undefined {
  const [file = '', ...args] = asInit;
  if (spawnSync(file, [...args, 'true']).status === 0) return undefined;
  return `no pid namespace can be made here: \`${asInit.join(' ')}\` fails`;
}
