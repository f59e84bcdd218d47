/** What getrlimit(2) tells, in its units: Infinity is none. */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

// By what the kernel calls them in /proc/PID/limits, as getrlimit(2) does without RLIMIT_.
const labels = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
} as const;

/** Of getrlimit(2): `'nofile'` is RLIMIT_NOFILE. */
export type LimitName = (typeof labels)[keyof typeof labels];

const isLabel = (label: string): label is keyof typeof labels => label in labels;
const amountOf = (text: string | undefined): number => (text === 'unlimited' ? Infinity : Number(text));

/** Of a /proc/PID/limits (proc_pid_limits(5)). */
export function limitsIn(text: string): Readonly<Partial<Record<LimitName, Limit>>> {
  const rows = [...text.matchAll(/^(Max [a-z ]+?) +(unlimited|\d+) +(unlimited|\d+)/gm)];
  const limits: Partial<Record<LimitName, Limit>> = {};
  for (const [, label = '', soft, hard] of rows)
    if (isLabel(label)) limits[labels[label]] = { soft: amountOf(soft), hard: amountOf(hard) };
  return limits;
}
