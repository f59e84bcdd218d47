import { fs } from '../../base/builtins.js';
import { escapeLine, escapeLines } from '../../base/escape.js';
import { native } from '../../base/native.js';
import { stackBelow } from '../../base/stack.js';
import { describeSignal, signalNumber, type SignalName } from '../../signals/names.js';
import { watchEvents } from '../../base/shadow.js';
import type { ShutdownOptions } from '../types.js';

/** With what the process ends: one of the two, or neither if it goes on. */
export interface ExitStatus {
  readonly exitCode: number | null;
  readonly exitSignal: SignalName | null;
}

/** What was wrong, the worst of it: hooks have failed, or were given up so that others had time. */
export type Trouble = 'none' | 'failed' | 'overran';

const failedCode = 1;
const deadlineCode = 124; // as the guard's
const signalCode = 128;

function canEndBy(signal: SignalName): boolean {
  const { defaultAction } = describeSignal(signal);
  // The kernel lets no signal of its own namespace end PID 1.
  return process.pid !== 1 && (defaultAction === 'terminate' || defaultAction === 'core');
}

/** `signal`: what began the shutdown; null if that was done by hand. */
export function exitStatus(
  wanted: NonNullable<ShutdownOptions['exit']>,
  signal: SignalName | null,
  trouble: Trouble,
): ExitStatus {
  if (wanted === 'none') return { exitCode: null, exitSignal: null };
  if (trouble === 'overran') return { exitCode: deadlineCode, exitSignal: null };
  if (trouble === 'failed') return { exitCode: failedCode, exitSignal: null };
  if (typeof wanted === 'number') return { exitCode: wanted, exitSignal: null };
  if (wanted === 'zero') return { exitCode: 0, exitSignal: null };
  // exit(3) takes no more of it.
  if (signal === null) return { exitCode: Number(process.exitCode ?? 0) & 0xff, exitSignal: null };
  if (canEndBy(signal)) return { exitCode: null, exitSignal: signal };
  return { exitCode: signalCode + signalNumber(signal), exitSignal: null };
}

/** Ends the process. All that runs at an exit runs first, also before a signal: 'exit' listeners, signal-exit, coverage. */
export function leave({ exitCode, exitSignal }: ExitStatus): void {
  // Or Node 20 aborts in the exit.
  native().leaveLostTerminals();
  const number = exitSignal === null ? 0 : signalNumber(exitSignal);
  const code = exitSignal === null ? (exitCode ?? 0) : signalCode + number;
  const dieAtLast = (): void => void native().exitBySignalAtLast(number);
  // After the others, as each of them may still exit with another code.
  if (number > 0) process.once('exit', dieAtLast);
  try {
    process.exit(code);
  } catch (error) {
    // A listener has thrown, and the rest is not called. Who keeps the process from dying of that does not keep it for good.
    setImmediate(() => {
      if (number > 0) dieAtLast();
      process.exit(code);
    });
    throw error;
  }
}

/** Has an end of the process that is not ours told on stderr, with who did it. Returns what undoes that. */
export function reportForeignExit(stage: () => string | null): () => void {
  const report = (code: number): void => {
    try {
      fs.writeSync(2, `${describeExit(code, stage(), exitCaller())}\n`);
    } catch {
      // Nobody reads stderr, or it is full.
    }
  };
  // Before listeners that may never return.
  return watchEvents(process, { exit: report });
}

function describeExit(code: number, stage: string | null, caller: string): string {
  const where = stage === null ? 'before its first stage' : `stage ${escapeLine(stage)}`;
  return caller === ''
    ? `sigkit: the process ended with ${code} during shutdown, ${where}, without process.exit`
    : `sigkit: process.exit(${code}) during shutdown, ${where}, by:\n${escapeLines(caller)}`;
}

// Empty if process.exit was not called.
function exitCaller(): string {
  // oxlint-disable-next-line typescript/unbound-method -- it is only looked for
  return stackBelow(process.exit);
}
