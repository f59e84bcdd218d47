import { isError, SigkitError } from '../../base/errors.js';
import { shortCommand, tailOf } from './display.js';
import type { RunResult } from './result.js';

/** How a command ended that failed: `exit code 2`. */
export function howItEnded({ reason, exitCode, termSignal, cause, truncated }: RunResult<string | Buffer>): string {
  const end = termSignal ?? `exit code ${exitCode}`;
  const told = isError(cause) ? `: ${cause.message}` : '';
  switch (reason) {
    case 'timeout':
      return `timed out (${end})`;
    case 'aborted':
      return `aborted (${end})`;
    case 'maxBuffer':
      return `more than maxBuffer on ${truncated.stdout ? 'stdout' : 'stderr'} (${end})`;
    case 'input':
      return `its input failed (${end})${told}`;
    case 'output':
      return `what its output goes to failed (${end})${told}`;
    case 'disposed':
      return `ended before it was over (${end})`;
    default:
      return end;
  }
}

/** What a command makes that fails: another exit code than 0, a signal, a time-out, an abort. */
export class RunError<Result extends RunResult<string | Buffer> = RunResult> extends SigkitError {
  readonly result: Result;

  /** @internal */
  constructor(result: Result, said: string) {
    const tail = tailOf(said);
    const message = `${howItEnded(result)}: ${shortCommand(result.command)}${tail === '' ? '' : `\n${tail}`}`;
    super('ERR_SIGKIT_RUN_FAILED', message, result.cause === undefined ? {} : { cause: result.cause });
    this.result = result;
  }
}

Object.defineProperty(RunError.prototype, 'name', { value: 'RunError', configurable: true, writable: true });
