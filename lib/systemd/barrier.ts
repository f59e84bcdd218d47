import { Socket } from 'node:net';

import { native } from '../base/native.js';

const maxTimerMs = 2 ** 31 - 1;

/** Waits until nobody has the other end of a pipe any more: it has been sent away. The pipe is closed then. */
export function awaitRelease(pipe: number, timeoutMs: number): Promise<'passed' | 'timed-out'> {
  const reader = new Socket({ fd: pipe, readable: true, writable: false });
  native().settle(pipe);
  let outcome: 'passed' | 'timed-out' = 'passed';
  const giveUp = (): void => {
    outcome = 'timed-out';
    reader.destroy();
  };
  const timer = timeoutMs === Infinity ? undefined : setTimeout(giveUp, Math.min(timeoutMs, maxTimerMs));
  return new Promise((resolve) => {
    reader.once('close', () => {
      clearTimeout(timer);
      resolve(outcome);
    });
    reader.resume();
  });
}
