import { inTime } from '../in-time.js';
import { type ActionOutcome, type Asked, refusal, telling } from './action.js';

/** Reopens logs, or whatever else the program holds open that has been moved away. */
export type ReopenListener = (asked: Asked) => unknown;

const listeners = new Set<readonly [ReopenListener]>();
const longestMs = 5000;
const late = `a listener was not done after ${longestMs} ms`;

/** Calls `listener` whenever the action `reopen` is asked for, until it is disposed. */
export function whenReopenIsAsked(listener: ReopenListener): Disposable {
  const entry = [listener] as const;
  listeners.add(entry);
  return { [Symbol.dispose]: () => void listeners.delete(entry) };
}

/** One that fails does not keep the others from it. */
export async function reopen(asked: Asked): Promise<ActionOutcome> {
  if (listeners.size === 0) return refusal('nothing has been registered that reopens files');
  const done = await Promise.allSettled(
    [...listeners].map(async ([listener]) => inTime(() => listener(asked), longestMs, late)),
  );
  const failed = done.filter((one) => one.status === 'rejected').map(({ reason }) => telling(reason));
  return {
    file: null,
    error: failed.length === 0 ? null : failed.join('; '),
    note: `${done.length - failed.length} of ${done.length} listeners have reopened their files`,
  };
}
