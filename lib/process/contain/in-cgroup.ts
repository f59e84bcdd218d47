import { fs, util } from '../../base/builtins.js';
import { exchanged } from '../../base/native.js';
import { initPath } from '../init-path.js';
import { namedPlace, ownPlace, type Place } from './cgroup-place.js';
import { CgroupKeeper } from './cgroup-keeper.js';
import { Cgroup } from './cgroup.js';
import type { Containment, Limits, Started } from './containment.js';
import { type Launch, spawnNow } from './launch.js';
import { watch } from './watchers.js';

const cpuPeriodUs = 100_000;
const refusedSteps: readonly number[] = [16, 17];
let made = 0;

interface Limit {
  readonly controller: string;
  readonly file: string;
  readonly value: string;
}

function limitsOf({ memoryMax, pidsMax, cpuMax }: Limits): Limit[] {
  const all: readonly (Limit | undefined)[] = [
    memoryMax === undefined ? undefined : { controller: 'memory', file: 'memory.max', value: `${memoryMax}` },
    pidsMax === undefined ? undefined : { controller: 'pids', file: 'pids.max', value: `${pidsMax}` },
    cpuMax === undefined
      ? undefined
      : {
          controller: 'cpu',
          file: 'cpu.max',
          value: `${Math.max(1000, Math.round(cpuMax * cpuPeriodUs))} ${cpuPeriodUs}`,
        },
  ];
  return all.filter((limit) => limit !== undefined);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function missingController(folder: string, limits: readonly Limit[]): string | undefined {
  const offered = fs.readFileSync(`${folder}/cgroup.subtree_control`, 'utf8').split(/\s/);
  const missing = limits.filter(({ controller }) => !offered.includes(controller)).map(({ controller }) => controller);
  return missing.length === 0 ? undefined : `${folder}/cgroup.subtree_control does not have ${missing.join(', ')}`;
}

/** An empty one with its limits, or why there is none. */
function makeCgroup(place: Place, limits: readonly Limit[]): Cgroup | string {
  if ('refused' in place) return place.refused;
  try {
    const missing = missingController(place.folder, limits);
    if (missing !== undefined) return missing;
    fs.accessSync(place.folder, fs.constants.W_OK);
    const prefix = watch(place.folder);
    if (typeof prefix === 'number') return `${initPath} cannot be executed: ${util.getSystemErrorName(prefix)}`;
    const cgroup = new Cgroup(`${place.folder}/${prefix}${(made += 1)}`);
    fs.mkdirSync(cgroup.folder);
    try {
      for (const { file, value } of limits) cgroup.set(file, value);
    } catch (error) {
      cgroup.remove();
      throw error;
    }
    return cgroup;
  } catch (error) {
    return messageOf(error);
  }
}

/** Starts a command in a cgroup of its own. @throws what spawn() throws, where it is not the cgroup's fault */
export function startInCgroup(launch: Launch, { parent, limits }: Containment): Started {
  const cgroup = makeCgroup(parent === undefined ? ownPlace() : namedPlace(parent), limitsOf(limits));
  if (typeof cgroup === 'string') return { refused: cgroup };
  let folder: number;
  try {
    folder = fs.openSync(cgroup.folder, 'r');
  } catch (error) {
    cgroup.remove();
    return { refused: messageOf(error) };
  }
  const spawned = spawnNow(launch, folder);
  const step = exchanged(0);
  fs.closeSync(folder);
  if (typeof spawned !== 'number') {
    const [pid = 0, pidfd = -1, ...ends] = spawned;
    return { keeper: new CgroupKeeper(launch.keep(pid, pidfd), cgroup), ends };
  }
  cgroup.remove();
  if (!refusedSteps.includes(step)) throw launch.failure(step, spawned);
  return { refused: `${cgroup.folder} cannot be entered: ${util.getSystemErrorName(spawned)}` };
}
