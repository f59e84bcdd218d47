import { fs } from '../../base/builtins.js';
import { initPath } from '../init-path.js';
import { ownPrefix, sweep } from './cgroup.js';
import { asItIs, spawnNow } from './launch.js';
import { Supervisor } from './supervisor.js';

const [sigcont, nullDevice, childReads, allBits] = [18, -1, -2, 0xffff_ffff];

interface Watcher {
  readonly prefix: string;
  readonly process: Supervisor;
}

// By folder: each stays until this thread has ended, as nobody else would remove what is in there then.
const watchers = new Map<string, Watcher>();

// In a session of its own, so that no terminal ends it; its parent's death also continues it, should somebody have stopped it.
function start(folder: string): Watcher | number {
  const prefix = ownPrefix();
  const launch = {
    files: [initPath],
    argv: ['sigkit-init', '--contain-watch', folder, prefix],
    env: [],
    cwd: '/',
    sources: [childReads, nullDevice, nullDevice],
    groups: undefined,
    numbers: [1, -1, -1, sigcont, -1, -1, allBits, allBits, allBits, allBits, 0, 0],
    settings: asItIs,
    ownTerminal: -1,
  };
  const made = spawnNow(launch, -1);
  if (typeof made === 'number') return made;
  // Our end of its stdin is closed with this thread by the addon, with this process by the kernel.
  const [pid = 0, pidfd = -1, control = -1] = made;
  const supervisor = new Supervisor(pid, pidfd, control);
  supervisor.adopt();
  return { prefix, process: supervisor };
}

/** Has somebody stand by a folder, who removes this thread's cgroups there once it has ended: how their names begin, or a negative errno. */
export function watch(folder: string): string | number {
  const known = watchers.get(folder);
  if (known !== undefined && !known.process.isOver) return known.prefix;
  if (known === undefined) sweep(folder);
  else fs.closeSync(known.process.control);
  // Closed once only, also if there is no other one now.
  watchers.delete(folder);
  const made = start(folder);
  if (typeof made === 'number') return made;
  watchers.set(folder, made);
  // Somebody has ended it, but for who is there now nobody would stand by.
  made.process.onEnd(() => watch(folder));
  return made.prefix;
}
