import { requireAddon } from '../../base/native.js';
import type { RunOptions } from './options.js';
import type { RunResult } from './result.js';
import { Run } from './run-object.js';
import { toSettings } from './settings.js';
import { startJob } from './start.js';

/** What the result has of the output. */
export type OutputOf<Given extends RunOptions> = Given extends { readonly encoding: 'bytes' } ? Buffer : string;

/**
 * Runs a command: `await run('git', ['status'])` is its result, and before it is awaited it is the process. It leads a group of
 * its own, which is the terminal's foreground if its stdin is the terminal; it reads nothing unless it is given something.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNKNOWN_OPTION, ERR_SIGKIT_UNSUPPORTED, ERR_SIGKIT_READ_AHEAD. It
 * rejects with a `RunError`; if it cannot be started with what spawn() throws (ENOENT), or with an AbortError
 */
export function run<const Given extends RunOptions = RunOptions>(
  file: string,
  options?: Given,
): Run<RunResult<OutputOf<Given>>>;
export function run<const Given extends RunOptions = RunOptions>(
  file: string,
  args?: readonly string[],
  options?: Given,
): Run<RunResult<OutputOf<Given>>>;
export function run(
  file: string,
  args?: readonly string[] | RunOptions,
  options?: RunOptions,
): Run<RunResult<string | Buffer>> {
  requireAddon();
  const settings = toSettings(file, args, options);
  return Run.start(settings, () => startJob(settings));
}
