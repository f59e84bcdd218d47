import type { Session } from 'node:inspector';

import type { DumpFolder } from '../files.js';
import { type ActionOutcome, refusal, telling, written } from './action.js';
import { ask, connect, requireThread } from './own-inspector.js';
import { tellOperator } from './stderr.js';

interface Profiler {
  /** Answers only if somebody profiles already, and there is one profile for all. */
  readonly running?: string;
  readonly start: readonly string[];
  readonly stop: string;
  readonly kind: string;
  readonly extension: string;
}

const cpu: Profiler = {
  start: ['Profiler.enable', 'Profiler.start'],
  stop: 'Profiler.stop',
  kind: 'cpu-profile',
  extension: 'cpuprofile',
};
const heap: Profiler = {
  running: 'HeapProfiler.getSamplingProfile',
  start: ['HeapProfiler.enable', 'HeapProfiler.startSampling'],
  stop: 'HeapProfiler.stopSampling',
  kind: 'heap-profile',
  extension: 'heapprofile',
};
const maxSeconds = 600;

/** Resolves to what `end` returns, after so long; what the end of the process leaves of it is only told on stderr. */
async function after(seconds: number, end: (early: boolean) => ActionOutcome): Promise<ActionOutcome> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => {
      try {
        const { file, note } = end(true);
        tellOperator(`${file ?? ''}: ${note ?? ''}`);
      } catch (error) {
        tellOperator(telling(error));
      }
    };
    const onTime = (): void => {
      process.off('exit', onExit);
      try {
        resolve(end(false));
      } catch (error) {
        reject(error);
      }
    };
    process.once('exit', onExit);
    setTimeout(onTime, seconds * 1000).unref();
  });
}

function stopped(session: Session, { stop, kind, extension }: Profiler, folder: DumpFolder): string {
  try {
    const answer = ask(session, stop);
    return folder.write(kind, extension, JSON.stringify('profile' in answer ? answer.profile : answer));
  } finally {
    session.disconnect();
  }
}

function isRunning(session: Session, { running }: Profiler): boolean {
  try {
    return running !== undefined && ask(session, running) !== null;
  } catch {
    return false;
  }
}

/** Throws if it cannot be, and leaves no session then. */
function started(profiler: Profiler): Session {
  if (profiler === cpu) requireThread();
  const session = connect();
  try {
    if (isRunning(session, profiler))
      throw new Error('a debugger, or Node by --heap-prof, takes such a profile already');
    for (const method of profiler.start) ask(session, method);
    return session;
  } catch (error) {
    session.disconnect();
    throw error;
  }
}

async function profile(profiler: Profiler, seconds: number, folder: DumpFolder): Promise<ActionOutcome> {
  if (!(seconds > 0 && seconds <= maxSeconds)) return refusal(`a profile takes from 0 to ${maxSeconds} seconds`);
  folder.room();
  const session = started(profiler);
  const startMs = performance.now();
  return after(seconds, (early) => {
    const file = stopped(session, profiler, folder);
    const took = ((performance.now() - startMs) / 1000).toFixed(1);
    return written(file, early ? `the process has ended after ${took} s of ${seconds}` : `${took} s`);
  });
}

/** What the calling thread computes, by V8's sampling of its stack. */
export const cpuProfile = async (seconds: number, folder: DumpFolder): Promise<ActionOutcome> =>
  profile(cpu, seconds, folder);

/** Where the calling thread allocates what then stays, by V8's sampling. */
export const heapProfile = async (seconds: number, folder: DumpFolder): Promise<ActionOutcome> =>
  profile(heap, seconds, folder);
