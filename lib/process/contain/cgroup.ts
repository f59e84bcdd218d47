import { fs } from '../../base/builtins.js';
import { native } from '../../base/native.js';
import { readStat } from '../proc-stat.js';

const sigkill = 9;

/** What a job has used, as its cgroup knows: all processes that were ever in it. Null where the kernel or the cgroup does not tell. */
export interface JobUsage {
  /** Microseconds. */
  readonly userCPUTime: number;
  /** Microseconds. */
  readonly systemCPUTime: number;
  /** Bytes (memory.peak, kernel 5.19). */
  readonly memoryPeak: number | null;
  /** How many at once (pids.peak, kernel 6.1). */
  readonly pidsPeak: number | null;
  /** How many the kernel has killed for want of memory. */
  readonly oomKills: number | null;
}

function readFile(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function numberAfter(text: string | undefined, word: string): number | null {
  const line = text?.split('\n').find((each) => each.startsWith(word));
  return line === undefined ? null : Number(line.slice(word.length));
}

/** A cgroup of v2, and those that have been made below it. */
export class Cgroup {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws where it cannot be written */
  set(file: string, value: string): void {
    fs.writeFileSync(`${this.folder}/${file}`, value);
  }

  get isEmpty(): boolean {
    const events = readFile(`${this.folder}/cgroup.events`);
    return events === undefined || numberAfter(events, 'populated ') === 0;
  }

  /** Who is in it, zombies left out. */
  members(): number[] {
    const own = readFile(`${this.folder}/cgroup.procs`)?.split('\n').filter(Boolean).map(Number) ?? [];
    return [...own, ...this.#below().flatMap((cgroup) => cgroup.members())];
  }

  /** To each by a pidfd that was opened while it was in here. */
  signal(number: number): void {
    const held = this.members().map((pid) => ({ pid, pidfd: native().pidfdOpen(pid) }));
    const still = new Set(this.members());
    for (const { pid, pidfd } of held) {
      if (still.has(pid) && pidfd >= 0) native().pidfdSignal(pidfd, number);
      else if (still.has(pid)) native().kill(pid, number);
      if (pidfd >= 0) native().pidfdClose(pidfd);
    }
  }

  /** All at once, by kernel 5.14; else, or on request, those that are there now, one by one: it is to be called again. */
  kill(oneByOne = false): void {
    try {
      this.set('cgroup.kill', '1');
      if (!oneByOne) return;
    } catch {
      // Before 5.14.
    }
    this.signal(sigkill);
  }

  /** False: somebody is in it still. */
  remove(): boolean {
    for (const cgroup of this.#below()) cgroup.remove();
    try {
      fs.rmdirSync(this.folder);
      return true;
    } catch {
      return !fs.existsSync(this.folder);
    }
  }

  usage(): JobUsage {
    const cpu = readFile(`${this.folder}/cpu.stat`);
    const events = readFile(`${this.folder}/memory.events`);
    return {
      userCPUTime: numberAfter(cpu, 'user_usec ') ?? 0,
      systemCPUTime: numberAfter(cpu, 'system_usec ') ?? 0,
      memoryPeak: numberAfter(readFile(`${this.folder}/memory.peak`), ''),
      pidsPeak: numberAfter(readFile(`${this.folder}/pids.peak`), ''),
      oomKills: numberAfter(events, 'oom_kill '),
    };
  }

  #below(): Cgroup[] {
    try {
      const entries = fs.readdirSync(this.folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => new Cgroup(`${this.folder}/${name}`));
    } catch {
      return [];
    }
  }
}

const root = 'sigkit-';

/** How names of cgroups begin that this thread makes: they name it for good, so that what it leaves can be known. */
export function ownPrefix(): string {
  const { threadId } = process.getBuiltinModule('node:worker_threads');
  return `${root}${namespace()}-${process.pid}-${readStat(process.pid)?.startTime ?? 0}-${threadId}-`;
}

function namespace(): string {
  return /\d+/.exec(fs.readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
}

/** Removes what processes that are no more have left there, of whose watcher nothing was left either. */
export function sweep(folder: string): void {
  const pattern = new RegExp(String.raw`^${root}${namespace()}-(\d+)-(\d+)-`);
  for (const name of fs.readdirSync(folder)) {
    const [, pid, startTime] = pattern.exec(name) ?? [];
    if (pid === undefined || readStat(Number(pid))?.startTime === Number(startTime)) continue;
    const cgroup = new Cgroup(`${folder}/${name}`);
    cgroup.kill(true);
    cgroup.remove();
  }
}
