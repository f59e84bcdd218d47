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
  'prlimit64',
  'setpriority',
  'ioprio_set',
  'write',
  'sched_setaffinity',
  'prctl',
  'capset',
  'prctl',
  'open',
] as const;

const oomScore = steps.lastIndexOf('write');

function pathOf(step: number, { file, cwd, settings }: SpawnRequest): string | undefined {
  if (step === oomScore) return '/proc/self/oom_score_adj';
  const paths: Readonly<Record<string, string | undefined>> = {
    execve: file,
    chdir: cwd,
    clone3: settings.cgroup,
    write: settings.cgroup,
    open: '/dev/pts',
  };
  return paths[steps[step] ?? ''];
}

/** What failed to start; the step is in the exchange. */
export function failure(request: SpawnRequest, errno: number): Error {
  const syscall = steps[exchanged(0)] ?? 'spawn';
  return systemError(syscall, errno, pathOf(exchanged(0), request));
}
