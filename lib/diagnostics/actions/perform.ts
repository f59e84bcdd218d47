import type { DumpFolder } from '../files.js';
import { type ActionName, type ActionOutcome, type ActionRequest, refusal, telling } from './action.js';
import { heapSnapshot } from './heap-snapshot.js';
import { closeInspector, openInspector } from './inspector.js';
import { cpuProfile, heapProfile } from './profile.js';
import { reopen } from './reopen.js';
import { report } from './report.js';

type Action = (request: ActionRequest, folder: DumpFolder) => ActionOutcome | Promise<ActionOutcome>;

const actions: Readonly<Record<ActionName, Action>> = {
  heapSnapshot: (_, folder) => heapSnapshot(folder),
  heapProfile: ({ seconds }, folder) => heapProfile(seconds, folder),
  cpuProfile: ({ seconds }, folder) => cpuProfile(seconds, folder),
  report: (_, folder) => report(folder),
  openInspector,
  closeInspector,
  reopen: ({ asked }) => reopen(asked),
};

const underWay = new Set<ActionName>();

/** Does what was asked for, in the calling thread. Never rejects: why it was refused, or has failed, is in the outcome. */
export async function performAction(request: ActionRequest, folder: DumpFolder): Promise<ActionOutcome> {
  const { action } = request;
  if (underWay.has(action)) return refusal('one is under way already');
  underWay.add(action);
  try {
    return await actions[action](request, folder);
  } catch (error) {
    return refusal(telling(error));
  } finally {
    underWay.delete(action);
  }
}
