const states = {
  R: 'running',
  S: 'sleeping',
  D: 'uninterruptible',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  X: 'dead',
  I: 'idle',
  P: 'parked',
} as const;

/**
 * What a process or thread does (proc_pid_stat(5)). `running` may also wait for a processor, `uninterruptible` is D, `stopped` T,
 * `traced` is held by its debugger; `idle` and `parked` are states of threads of the kernel.
 */
export type ProcessState = (typeof states)[keyof typeof states];

/** By the letter that /proc has; null of one that is not known. */
export function stateOf(letter: string): ProcessState | null {
  return letter in states ? states[letter as keyof typeof states] : null;
}
