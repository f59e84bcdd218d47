import { execFileSync } from 'node:child_process';

// Of a busy machine, too: tree-kill takes twenty seconds for its largest tree on one that is not.
const limitMs = 240_000;

/** The numbers that a program prints. What it says beside them is shown if it fails. */
export function numbersFrom(command: readonly string[], ...more: readonly (string | number)[]): number[] {
  const [file = '', ...args] = command;
  const printed = execFileSync(file, [...args, ...more.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
  });
  return printed.trim().split(/\s+/).map(Number);
}
