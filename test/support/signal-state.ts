import { readdirSync, readFileSync } from 'node:fs';

const patienceMs = 5000;

// A thread is, for some instructions, in a handler that blocks everything: libuv's, and ours that has a thread change its
// mask. It runs, while threads that block everything by themselves sleep. And only libc blocks 33, which is its own, in a
// thread that it is starting.
function isPassing(status: string): boolean {
  return (/^State:\tR/m.test(status) && /^SigBlk:\tf{6}/m.test(status)) || /^SigBlk:\tf{8}/m.test(status);
}

function look(): string[] {
  return readdirSync('/proc/self/task').flatMap((tid) => {
    try {
      return [readFileSync(`/proc/self/task/${tid}/status`, 'utf8')];
    } catch (error) {
      // It has ended since.
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  });
}

/** SigBlk of every thread, and SigIgn and SigCgt of the process, a line for each thread, with its number. */
export function numberedSignalState(): string[] {
  const end = performance.now() + patienceMs;
  let statuses = look();
  while (statuses.some(isPassing) && performance.now() < end) statuses = look();
  return statuses.map((text) =>
    [...text.matchAll(/^(?:Pid|SigBlk|SigIgn|SigCgt):\t(\w+)$/gm)].map(([, value]) => value).join(' '),
  );
}

/** The same, without the numbers. */
export function signalState(): string[] {
  return numberedSignalState().map((line) => line.slice(line.indexOf(' ') + 1));
}
