import { abortError, systemError } from '../../base/errors.js';
import { exchanged, native, requireAddon } from '../../base/native.js';
import { type SpawnOptions, type SpawnRequest, toRequest } from './spawn-request.js';
import { SpawnedProcess } from './spawned-process.js';

// In the order of SpawnStep in native/posix/spawn.h.
const steps = [
  'spawn',
  'clone',
  'setpgid',
  'setsid',
  'dup3',
  'ioctl',
  'tcsetpgrp',
  'chdir',
  'setgroups',
  'setresgid',
  'setresuid',
  'prctl',
  'execve',
  'pipe2',
  'fcntl',
  'epoll_create1',
] as const;

function failure(request: SpawnRequest, errno: number): Error {
  const syscall = steps[exchanged(0)] ?? 'spawn';
  const path = syscall === 'execve' ? request.file : syscall === 'chdir' ? request.cwd : undefined;
  return systemError(syscall, errno, path);
}

function joined(texts: readonly string[]): string {
  return texts.map((text) => `${text}\0`).join('');
}

/**
 * Starts a program in a child process. Everything between fork and exec is one native step, in which no JavaScript and no
 * handler runs: when this returns, the program has been executed, in its group, with its mask, dispositions and descriptors,
 * and nothing else of this process is open in it.
 * @throws the errno of what failed with `syscall` and `path`: ENOENT, EACCES, ENOEXEC (execve, chdir), EPERM (setpgid,
 * setresuid), EAGAIN, EMFILE; AbortError, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function spawn(file: string, args: readonly string[] = [], options?: SpawnOptions): SpawnedProcess {
  requireAddon();
  const request = toRequest(file, args, options);
  if (request.signal?.aborted === true) throw abortError(request.signal.reason);
  const made = native().spawn(
    joined(request.files),
    joined(request.argv),
    joined(request.env),
    request.cwd,
    Float64Array.from(request.sources),
    request.groups === undefined ? undefined : Float64Array.from(request.groups),
    Float64Array.from(request.numbers),
  );
  if (typeof made === 'number') throw failure(request, made);
  return SpawnedProcess.start(request, made);
}
