import { readdirSync, readFileSync } from 'node:fs';

/** Those in whose environment there is that variable with that value, wherever they have gone. */
export function marked(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => hasVariable(pid, variable))
    .map(Number);
}

// By any thread: the first may have ended.
function hasVariable(pid: string, variable: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => isIn(`/proc/${pid}/task/${thread}/environ`, variable));
  } catch {
    return false;
  }
}

function isIn(file: string, variable: string): boolean {
  try {
    return readFileSync(file, 'latin1').split('\0').includes(variable);
  } catch {
    return false;
  }
}

/** For a test that has failed. */
export function killMarked(variable: string): void {
  for (const pid of marked(variable)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
