import type { DumpFolder } from '../files.js';
import { type ActionName, type ActionOutcome, type ActionRequest, telling } from './action.js';
import { reopen } from './reopen.js';

type Action = (request: ActionRequest, folder: DumpFolder) => ActionOutcome | Promise<ActionOutcome>;

const notYet: Action = () => ({ file: null, error: 'not there yet', note: null });

const actions: Readonly<Record<ActionName, Action>> = {
  heapSnapshot: notYet,
  heapProfile: notYet,
  cpuProfile: notYet,
  report: notYet,
  openInspector: notYet,
  closeInspector: notYet,
  reopen: ({ asked }) => reopen(asked),
};

const underWay = new Set<ActionName>();

/** Does what was asked for, in the calling thread. Never rejects: why it was refused, or has failed, is in the outcome. */
export async function performAction(request: ActionRequest, folder: DumpFolder): Promise<ActionOutcome> {
  const { action } = request;
  if (underWay.has(action)) return { file: null, error: 'one is under way already', note: null };
  underWay.add(action);
  try {
    return await actions[action](request, folder);
  } catch (error) {
    return { file: null, error: telling(error), note: null };
  } finally {
    underWay.delete(action);
  }
}
