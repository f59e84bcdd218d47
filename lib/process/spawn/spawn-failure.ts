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

/** What an error names. */
export type Failing = Pick<SpawnRequest, 'file' | 'cwd' | 'settings'>;

function pathOf(step: number, { file, cwd, settings }: Failing): string | undefined {
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
export function failure(request: Failing, errno: number): Error {
  return failureAt(exchanged(0), request, errno);
}

/** The same by the step's number. */
export function failureAt(step: number, request: Failing, errno: number): Error {
  return systemError(steps[step] ?? 'spawn', errno, pathOf(step, request));
}
