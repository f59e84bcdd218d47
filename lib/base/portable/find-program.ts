import { fs } from '../builtins.js';
import { headOf } from '../file-head.js';
import { errnoNamed, unknownErrno } from './errno.js';

/** What failed, as native/posix/spawn_request.h numbers the steps, and how. */
export interface Failure {
  readonly step: number;
  readonly errno: number;
}

export const steps = { spawn: 0, clone: 1, chdir: 7, execve: 12, pipe2: 13 } as const;

const [noEntry, noAccess, noDirectory] = [-2, -13, -20];
const interpreterBytes = 256;

// 0, a negative errno, or undefined where nobody may look: Node with --permission, Deno without --allow-read.
function look(path: string, mode: number): number | undefined {
  try {
    fs.accessSync(path, mode);
    return 0;
  } catch (error) {
    return errnoNamed((error as { readonly code?: unknown }).code);
  }
}

function executable(path: string): number | undefined {
  const result = look(path, fs.constants.X_OK);
  return result === 0 && !fs.statSync(path).isFile() ? noAccess : result;
}

/** Why a program cannot be started in that folder, as chdir(2) would say. */
export function checkDirectory(cwd: string): Failure | undefined {
  const found = look(cwd, fs.constants.F_OK);
  if (found === undefined) return undefined;
  const isFile = found === 0 && !fs.statSync(cwd).isDirectory();
  const errno = isFile ? noDirectory : found < 0 ? found : (look(cwd, fs.constants.X_OK) ?? 0);
  return errno < 0 ? { step: steps.chdir, errno } : undefined;
}

/** The first of these that can be executed, as native/posix/spawn_child.cc looks. child_process tells only later if there is none. */
export function findProgram(files: readonly string[], cwd: string): string | Failure {
  const path = process.getBuiltinModule('node:path');
  const tooLong = errnoNamed('ENAMETOOLONG');
  let worst = tooLong;
  for (const file of files) {
    const result = executable(path.resolve(cwd, file));
    // Then the runtime looks for it itself.
    if (result === undefined) return files.length === 1 ? file : path.basename(file);
    if (result === 0) return file;
    const isPassedOver = [noEntry, noAccess, noDirectory, tooLong].includes(result);
    if (result === noAccess || !isPassedOver || files.length === 1) worst = result;
    else if (result !== tooLong && worst === tooLong) worst = noEntry;
    if (!isPassedOver) break;
  }
  return { step: steps.execve, errno: worst ?? noEntry };
}

/** Why what has been found has not been started: child_process tells it in the next turn of the event loop, which is too late. */
export function whyNotStarted(file: string, cwd: string): Failure {
  const { devNull } = process.getBuiltinModule('node:os');
  const descriptors = look(devNull, fs.constants.R_OK) === 0 ? opened(devNull) : 0;
  if (descriptors < 0) return { step: steps.pipe2, errno: descriptors };
  const path = process.getBuiltinModule('node:path').resolve(cwd, file);
  const interpreter = /^#![ \t]*([^\s\0]+)/.exec(headOf(path, interpreterBytes)?.toString() ?? '')?.[1];
  const missing = interpreter === undefined ? 0 : (executable(interpreter) ?? 0);
  if (missing < 0) return { step: steps.execve, errno: missing };
  return { step: steps.execve, errno: unknownErrno };
}

function opened(path: string): number {
  try {
    fs.closeSync(fs.openSync(path, 'r'));
    return 0;
  } catch (error) {
    return errnoNamed((error as { readonly code?: unknown }).code) ?? 0;
  }
}
