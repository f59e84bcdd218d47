import { systemError } from '../../base/errors.js';
import { exchanged } from '../../base/native.js';
import type { SpawnRequest } from './spawn-request.js';

// In the order of SpawnStep in native/posix/spawn_request.h.
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
  'socketpair',
  'clone3',
  'write',
] as const;

/** What failed to start; the step is in the exchange. */
export function failure(request: SpawnRequest, errno: number): Error {
  const syscall = steps[exchanged(0)] ?? 'spawn';
  const path = syscall === 'execve' ? request.file : syscall === 'chdir' ? request.cwd : undefined;
  return systemError(syscall, errno, path);
}
