/** A way out of a job, and how it is tried: by a shell, or by Python. Each says `ready` once it is out. */
export interface Escape {
  readonly name: string;
  readonly shell?: string;
  readonly python?: string;
  /** Whether the test is to stop the supervisor meanwhile. */
  readonly stopsSupervisor?: true;
}

const stay = 'print("ready", flush=True)\ntime.sleep(1000)';

export const escapes: readonly Escape[] = [
  { name: 'a double fork with setsid', shell: "(setsid sh -c 'sleep 1000 & echo ready; sleep 1000' &)" },
  { name: 'daemon(3)', python: `libc.daemon(0, 1)\n${stay}` },
  { name: 'nohup', shell: "nohup sh -c 'echo ready >&3; sleep 1000' 3>&1 >/dev/null 2>&1 &" },
  { name: 'disown', shell: "bash -c 'sleep 1000 & disown; echo ready; exit'" },
  {
    name: 'a subreaper of its own',
    python: `libc.prctl(36, 1)\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    ${stay.replace('\n', '\n    ')}\n  os._exit(0)\ntime.sleep(1000)`,
  },
  {
    name: 'a fork bomb, bounded by RLIMIT_NPROC',
    python: `
import resource
resource.setrlimit(resource.RLIMIT_NPROC, (40, 40))
# Nobody's limit holds root back.
if os.geteuid() == 0: os.setuid(64987)
first = os.getpid()
while True:
  try: os.fork()
  except OSError:
    if os.getpid() == first: print("ready", flush=True)
    first = 0
    time.sleep(0.002)`,
  },
  {
    // As strace(1): what it is told of goes on.
    name: 'ptrace of the runner',
    python: `
runner = int(os.environ["RUNNER"])
libc.ptrace(0x4206, runner, 0, 0)
print("ready", flush=True)
try:
  while True:
    status = os.waitpid(runner, 0x40000000)[1]
    if not os.WIFSTOPPED(status): break
    libc.ptrace(7, runner, 0, os.WSTOPSIG(status) if status >> 16 == 0 else 0)
except ChildProcessError: pass  # it may not be traced
time.sleep(1000)`,
  },
  {
    name: 'a first thread that has ended before the others',
    python: `
import threading, platform
def stay():
  ${stay.replace('\n', '\n  ')}
os.setsid()
threading.Thread(target=stay).start()
libc.syscall(60 if platform.machine() == "x86_64" else 93, 0)`,
  },
  { name: 'SIGSTOP of the supervisor', shell: 'sleep 1000 & echo ready', stopsSupervisor: true },
  { name: 'vfork without end', python: `os.setsid()\nlibc.vfork()\n${stay}` },
  {
    name: 'one that ignores everything',
    python: `
os.setsid()
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)
${stay}`,
  },
];

/** The command of such a job, which ends by itself when it is told to, and not when the runner has gone. */
export function commandOf({ shell }: Escape): string {
  const start = shell ?? 'python3 -c "$ESCAPE" &';
  return `exec 4<&0\n${start}\nread go <&4 || sleep 1000`;
}

const imports = 'import ctypes, os, signal, time\nlibc = ctypes.CDLL(None)\n';

/** What its command finds as ESCAPE. */
export function programOf({ python }: Escape): string {
  return python === undefined ? '' : imports + python;
}
