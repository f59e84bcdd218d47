import { fs } from '../../base/builtins.js';
import { type ActionOutcome, refusal } from './action.js';
import { loadInspector, requireThread } from './own-inspector.js';

// Whoever reaches it may do all that the program may, so never another address.
const loopback = '127.0.0.1';
// Of its event loop and its server, with some to spare.
const descriptorsNeeded = 16;

// Where none is left for it, the thread of Node's inspector ends the process (a CHECK in src/inspector_io.cc).
function requireDescriptors(): void {
  const spare: number[] = [];
  try {
    while (spare.length < descriptorsNeeded) spare.push(fs.openSync('/proc/self/stat', 'r'));
  } finally {
    for (const fd of spare) fs.closeSync(fd);
  }
}

/** Lets a debugger of this machine in, at a port that is free. */
export function openInspector(): ActionOutcome {
  const inspector = loadInspector();
  const before = inspector.url();
  if (before !== undefined) return refusal(`the inspector is open already: ${before}`);
  requireThread();
  requireDescriptors();
  inspector.open(0, loopback);
  const url = inspector.url();
  if (url === undefined) return refusal(`the inspector could not listen on ${loopback}`);
  return { file: null, error: null, note: url };
}

/** Closes it, with the connections that it has, whoever has opened it. */
export function closeInspector(): ActionOutcome {
  const inspector = loadInspector();
  const url = inspector.url();
  if (url === undefined) return refusal('the inspector is not open');
  inspector.close();
  return { file: null, error: null, note: url };
}
