import { everyChangeable } from '../../signals/claimable.js';
import { maskIn } from '../../signals/proc-status.js';
import { type SignalMask, withoutSignals } from '../../signals/signal-mask.js';
import type { Task } from './snapshot.js';

// In native/hub/waiter.cc.
const waiterName = 'sigkit';

/** The waiter thread of a sigkit in the process. */
export interface Waiter {
  readonly task: Task;
  /** Null unless it sleeps: the kernel shows what it waits for as not blocked only then (rt_sigtimedwait(2)). */
  readonly waitsFor: SignalMask | null;
}

const isWaiting = ({ fields, waitsIn }: Task): boolean =>
  fields.get('State')?.startsWith('S') === true && (waitsIn === null || waitsIn.includes('sigtimedwait'));

export function waiterOf(tasks: readonly Task[]): Waiter | null {
  const task = tasks.find(({ fields }) => fields.get('Name') === waiterName);
  if (task === undefined) return null;
  return {
    task,
    waitsFor: isWaiting(task) ? withoutSignals(everyChangeable(), maskIn(task.fields, 'SigBlk')) : null,
  };
}
