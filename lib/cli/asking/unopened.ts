import { escapeLine } from '../../base/escape.js';
import { inspectProcess } from '../../diagnostics/inspect/inspect.js';
import { textOf } from '../../diagnostics/inspect/readable.js';
import { asJson, exitCodes, painted, print, table } from '../telling.js';

const howTo = 'node --import sigkit/diagnostics/register, with SIGKIT_DIAGNOSTICS_DIRECTORY, opens them';

// Its number and arguments, `running`, or nothing where this user may not see it (proc_pid_syscall(5)).
function syscallOf(pid: number, tid: number): string | null {
  const [first] = textOf(`/proc/${pid}/task/${tid}/syscall`)?.trim().split(' ') ?? [];
  return first === undefined || first === '-1' || first === 'running' ? null : first;
}

/** What /proc tells of a process that has no diagnostics open, and how to open them. */
export function tellUnopened(pid: number, json: boolean): number {
  const { name, command, state, threads } = inspectProcess(pid);
  const told = (threads ?? []).map(({ tid, name: thread, state: does, waitsIn }) => ({
    tid,
    name: thread,
    state: does,
    syscall: syscallOf(pid, tid),
    waitsIn,
  }));
  if (json) print(asJson({ pid, diagnostics: null, name, command, state, threads: told }));
  else {
    const rows = told.map((one) => Object.values(one).map((value) => escapeLine(String(value ?? '-'))));
    const [head = '', ...lines] = table([['TID', 'NAME', 'STATE', 'SYSCALL', 'WAITS IN'], ...rows]);
    print(`${[painted('bold', head), ...lines].join('\n')}\n`);
  }
  process.stderr.write(`sigkit: process ${pid} has no diagnostics open, and this is what /proc tells. ${howTo}\n`);
  return exitCodes.cannotTell;
}
