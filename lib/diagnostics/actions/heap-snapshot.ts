import { fs } from '../../base/builtins.js';
import type { DumpFolder } from '../files.js';
import { memoryLeftInCgroups } from '../inspect/left-in-cgroups.js';
import { type ActionOutcome, refusal, written } from './action.js';
import { tellOperator } from './stderr.js';

/** What there is for a heap snapshot, in bytes. */
export interface Room {
  readonly memory: number;
  readonly disk: number;
  /** By the limits of the folder. */
  readonly folder: number;
}

// Beside the heap, as measured: objects take 8 to 15 times their size, large maps and dictionaries of Node 20 to 24 some 30.
const memoryPerByte = 30;
// As measured, 1.4 to 2.2.
const diskPerByte = 3;

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

/** What would not hold the snapshot of a heap, if anything. */
export function tooSmall(heapBytes: number, room: Room): string | undefined {
  const [memory, file] = [heapBytes * memoryPerByte, heapBytes * diskPerByte];
  const needs = (bytes: number): string => `a snapshot of ${megabytes(heapBytes)} may take ${megabytes(bytes)}`;
  if (memory > room.memory) return `${needs(memory)} of memory, of which ${megabytes(room.memory)} are left`;
  if (file > room.disk) return `${needs(file)} of the disk, of which ${megabytes(room.disk)} are left`;
  return file > room.folder ? `${needs(file)}, and the dumps may have ${megabytes(room.folder)} more` : undefined;
}

function roomFor(folder: DumpFolder): Room {
  const { bavail, bsize } = fs.statfsSync(`/proc/self/fd/${folder.fd}`);
  const available = process.getBuiltinModule('node:os').freemem();
  return { memory: Math.min(memoryLeftInCgroups(), available), disk: bavail * bsize, folder: folder.room() };
}

/** All objects of the calling thread, which stands still meanwhile. */
export function heapSnapshot(folder: DumpFolder): ActionOutcome {
  const v8 = process.getBuiltinModule('node:v8');
  const heapBytes = v8.getHeapStatistics().used_heap_size;
  const why = tooSmall(heapBytes, roomFor(folder));
  if (why !== undefined) return refusal(why);
  tellOperator(`heap snapshot of ${megabytes(heapBytes)}: the program stands still until it is written`);
  const startMs = performance.now();
  const file = folder.write('heap-snapshot', 'heapsnapshot', (fd) => {
    v8.writeHeapSnapshot(`/proc/self/fd/${fd}`);
  });
  return written(file, `the program stood still for ${Math.round(performance.now() - startMs)} ms`);
}
