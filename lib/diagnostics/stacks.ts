import { toTimeoutMs } from '../base/arguments.js';
import { native } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { type OptionNames, readOptions } from '../base/options.js';
import { stackOf } from './stack-row.js';
import type { ThreadStack } from './thread-stack.js';

export interface CaptureOptions {
  /** How long to wait for threads that do not answer, in milliseconds; 100 if not given. */
  readonly timeoutMs?: number;
}

const optionNames: OptionNames<CaptureOptions> = { timeoutMs: true };
const usualTimeoutMs = 100;
// A day, for who waits without end: the clock of the other side ends.
const longestMs = 86_400_000;
/**
 * The stacks of all threads of this process that run JavaScript and have loaded sigkit, the calling one included, whether or not their
 * event loops have a turn. Blocks the calling thread until all have answered, which takes a millisecond, or for `timeoutMs`.
 * V8 answers: v8::Isolate::RequestInterrupt, which Node 20 to 26 export.
 * @throws ERR_SIGKIT_UNSUPPORTED, ERR_SIGKIT_UNKNOWN_OPTION, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function captureStacks(options?: CaptureOptions): readonly ThreadStack[] {
  const { timeoutMs = usualTimeoutMs } = readOptions(options, optionNames);
  const limitMs = toTimeoutMs(timeoutMs, 'options.timeoutMs');
  requireNative('captureStacks');
  return native()
    .captureStacks(Math.min(limitMs, longestMs))
    .map((row) => stackOf(row))
    .sort((one, other) => one.threadId - other.threadId);
}
