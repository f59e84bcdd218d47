/** What the kernel does with a signal that nobody handles (signal(7)). */
export type DefaultAction = 'terminate' | 'core' | 'ignore' | 'stop' | 'continue';

/** The canonical names of the signals below the real-time ones. */
export type StandardName =
  | 'SIGHUP'
  | 'SIGINT'
  | 'SIGQUIT'
  | 'SIGILL'
  | 'SIGTRAP'
  | 'SIGABRT'
  | 'SIGBUS'
  | 'SIGFPE'
  | 'SIGKILL'
  | 'SIGUSR1'
  | 'SIGSEGV'
  | 'SIGUSR2'
  | 'SIGPIPE'
  | 'SIGALRM'
  | 'SIGTERM'
  | 'SIGSTKFLT'
  | 'SIGCHLD'
  | 'SIGCONT'
  | 'SIGSTOP'
  | 'SIGTSTP'
  | 'SIGTTIN'
  | 'SIGTTOU'
  | 'SIGURG'
  | 'SIGXCPU'
  | 'SIGXFSZ'
  | 'SIGVTALRM'
  | 'SIGPROF'
  | 'SIGWINCH'
  | 'SIGIO'
  | 'SIGPWR'
  | 'SIGSYS'
  | 'SIG32'
  | 'SIG33'
  // Of macOS and of Windows.
  | 'SIGEMT'
  | 'SIGINFO'
  | 'SIGBREAK';

export interface SignalEntry {
  readonly name: StandardName;
  readonly description: string;
  readonly defaultAction: DefaultAction;
  readonly usedByNode: string | null;
}

function entry(
  name: StandardName,
  description: string,
  defaultAction: DefaultAction,
  usedByNode: string | null = null,
): SignalEntry {
  return { name, description, defaultAction, usedByNode };
}

/** A signal that libc keeps for itself beyond those: 34 with musl, whose SIGRTMIN is 35. */
export const libcsOwn: Omit<SignalEntry, 'name'> = {
  description: 'Reserved by libc',
  defaultAction: 'terminate',
  usedByNode: 'libc synchronises threads with it',
};

/** Signals 1 to 33 in order, as x86_64 and aarch64 number them (signal(7)); from 34 (musl: 35) to 64 are the real-time ones. */
export const standardSignals: readonly SignalEntry[] = [
  entry('SIGHUP', 'Hangup', 'terminate'),
  entry('SIGINT', 'Interrupt', 'terminate', 'Node resets the terminal, then dies of it'),
  entry('SIGQUIT', 'Quit', 'core'),
  entry('SIGILL', 'Illegal instruction', 'core'),
  entry('SIGTRAP', 'Trace/breakpoint trap', 'core', 'V8 stops here when it detects its own error'),
  entry('SIGABRT', 'Aborted', 'core', 'process.abort() and failed assertions raise it'),
  entry('SIGBUS', 'Bus error', 'core'),
  entry('SIGFPE', 'Floating point exception', 'core'),
  entry('SIGKILL', 'Killed', 'terminate'),
  entry('SIGUSR1', 'User defined signal 1', 'terminate', 'opens the debugger; V8 worker threads block it'),
  entry('SIGSEGV', 'Segmentation fault', 'core', 'V8 catches it where WebAssembly memory ends'),
  entry('SIGUSR2', 'User defined signal 2', 'terminate'),
  entry('SIGPIPE', 'Broken pipe', 'terminate', 'ignored, so that writes fail with EPIPE'),
  entry('SIGALRM', 'Alarm clock', 'terminate'),
  entry('SIGTERM', 'Terminated', 'terminate', 'Node resets the terminal, then dies of it'),
  entry('SIGSTKFLT', 'Stack fault', 'terminate'),
  entry('SIGCHLD', 'Child exited', 'ignore', 'libuv learns from it that a child of child_process ended'),
  entry('SIGCONT', 'Continued', 'continue'),
  entry('SIGSTOP', 'Stopped (signal)', 'stop'),
  entry('SIGTSTP', 'Stopped', 'stop'),
  entry('SIGTTIN', 'Stopped (tty input)', 'stop'),
  entry('SIGTTOU', 'Stopped (tty output)', 'stop', 'libuv blocks it for a moment when it sets a terminal mode'),
  entry('SIGURG', 'Urgent I/O condition', 'ignore'),
  entry('SIGXCPU', 'CPU time limit exceeded', 'core'),
  entry('SIGXFSZ', 'File size limit exceeded', 'core', 'ignored, so that writes fail with EFBIG'),
  entry('SIGVTALRM', 'Virtual timer expired', 'terminate'),
  entry('SIGPROF', 'Profiling timer expired', 'terminate', "V8's CPU profiler samples with it"),
  entry('SIGWINCH', 'Window changed', 'ignore', 'a terminal stream listens for it to emit resize'),
  entry('SIGIO', 'I/O possible', 'terminate'),
  entry('SIGPWR', 'Power failure', 'terminate'),
  entry('SIGSYS', 'Bad system call', 'core'),
  entry('SIG32', 'Reserved by libc (thread cancellation)', 'terminate', 'libc cancels threads with it'),
  entry('SIG33', 'Reserved by libc (setuid and its like)', 'terminate', 'libc changes the ids of all threads with it'),
];

const linuxAliases: Readonly<Record<string, number>> = {
  SIGIOT: 6,
  SIGCLD: 17,
  SIGPOLL: 29,
  SIGUNUSED: 31,
};

const elsewhere: readonly SignalEntry[] = [
  entry('SIGEMT', 'Emulator trap', 'core'),
  entry('SIGINFO', 'Status request from the keyboard', 'ignore'),
  entry('SIGBREAK', 'Ctrl-Break', 'terminate'),
];

/** The signals below the real-time ones, by number. */
export interface SignalTable {
  readonly entries: ReadonlyMap<number, SignalEntry>;
  /** Other names by which some of them go. */
  readonly aliases: Readonly<Record<string, number>>;
}

export const linuxTable: SignalTable = {
  entries: new Map(standardSignals.map((standard, index) => [index + 1, standard])),
  aliases: linuxAliases,
};

/** The same of another platform, by the numbers that os.constants.signals has there. What it has alone is left out. */
export function tableOf(numbers: Readonly<Record<string, number>>): SignalTable {
  const entries = new Map<number, SignalEntry>();
  for (const known of [...standardSignals, ...elsewhere]) {
    const number = numbers[known.name];
    if (number !== undefined) entries.set(number, known);
  }
  const others = Object.entries(numbers).filter(
    ([name, number]) => entries.has(number) && entries.get(number)?.name !== name,
  );
  return { entries, aliases: Object.fromEntries(others) };
}
