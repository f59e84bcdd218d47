/** What a /proc/PID/stat says beyond what lib/process reads of it (proc_pid_stat(5)). */
export interface StatLine {
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly terminal: string | null;
  /** Of the terminal; null without one. */
  readonly foregroundGroup: number | null;
  readonly kernelThread: boolean;
  /** Of user and kernel, in clock ticks. */
  readonly cpuTicks: number;
  readonly threads: number;
  /** In clock ticks since boot: with the pid it names a process for good. */
  readonly startTime: number;
}

// Of proc_pid_stat(5), where the state is the third.
const place = { parent: 4, group: 5, session: 6, terminal: 7, foreground: 8, flags: 9, user: 14, kernel: 15 } as const;
const laterPlace = { threads: 20, startTime: 22 } as const;
// PF_KTHREAD of linux/sched.h.
const kernelThreadFlag = 0x200000;

/** @returns null of what is no such line */
export function parseStat(text: string): StatLine | null {
  const end = text.lastIndexOf(')');
  if (end === -1) return null;
  const fields = text.slice(end + 2).split(' ');
  const number = (field: number): number => Number(fields[field - 3]);
  const terminal = number(place.terminal);
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    state: fields[0] ?? '',
    parent: number(place.parent),
    group: number(place.group),
    session: number(place.session),
    terminal: terminal === 0 ? null : terminalName(terminal),
    foregroundGroup: terminal === 0 ? null : number(place.foreground),
    kernelThread: (number(place.flags) & kernelThreadFlag) !== 0,
    cpuTicks: number(place.user) + number(place.kernel),
    threads: number(laterPlace.threads),
    startTime: number(laterPlace.startTime),
  };
}

// The numbers are those of Documentation/admin-guide/devices.txt.
function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `/dev/pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `/dev/tty${minor}` : `/dev/ttyS${minor - 64}`;
  return major === 5 && minor === 1 ? '/dev/console' : `${major}:${minor}`;
}
