import type { ChildProcess } from 'node:child_process';

import { errnoOf } from './errno.js';
import { checkDirectory, type Failure, findProgram, steps, whyNotStarted } from './find-program.js';

/** What the addon's `spawn` is given, as child_process takes it. */
export interface Wanted {
  readonly files: readonly string[];
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string | undefined;
  readonly stdio: readonly (number | 'pipe' | 'ignore')[];
  readonly leads: boolean;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export type Running = ChildProcess & { readonly pid: number };

const stepsByErrno: ReadonlyMap<number, number> = new Map([
  [-1, steps.spawn],
  [-9, steps.spawn],
  [-11, steps.clone],
  [-12, steps.clone],
  [-23, steps.pipe2],
  [-24, steps.pipe2],
]);

function isRunning(child: ChildProcess): child is Running {
  return child.pid !== undefined;
}

/** A child that runs, or why there is none. */
export function startChild(wanted: Wanted): Running | Failure {
  const { files, argv, env, cwd, stdio, leads, uid, gid } = wanted;
  const folder = cwd ?? '';
  const wrong = cwd === undefined ? undefined : checkDirectory(cwd);
  if (wrong !== undefined) return wrong;
  // Windows has rules of its own.
  const file = process.platform === 'win32' ? (files[0] ?? '') : findProgram(files, folder);
  if (typeof file !== 'string') return file;
  const [argv0 = file, ...args] = argv;
  try {
    const child = process.getBuiltinModule('node:child_process').spawn(file, args, {
      argv0,
      env: environmentOf(env),
      stdio: [...stdio],
      detached: leads,
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    // What has failed is told once more, to whoever listens.
    child.on('error', () => {});
    return isRunning(child) ? child : whyNotStarted(file, folder);
  } catch (error) {
    const errno = errnoOf(error);
    return { step: stepsByErrno.get(errno) ?? steps.execve, errno };
  }
}

function environmentOf(env: readonly string[]): NodeJS.ProcessEnv {
  const environment = Object.create(null) as NodeJS.ProcessEnv;
  for (const entry of env) {
    const end = entry.indexOf('=');
    environment[entry.slice(0, end)] = entry.slice(end + 1);
  }
  return environment;
}
