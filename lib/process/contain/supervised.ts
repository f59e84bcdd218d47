import { fs, util } from '../../base/builtins.js';
import { exchanged, native } from '../../base/native.js';
import { initPath } from '../init-path.js';
import type { ContainmentKind, Started } from './containment.js';
import { JobKeeper } from './job-keeper.js';
import { type Launch, places, spawnNow } from './launch.js';
import { type Message, messageSize, readMessage, told } from './messages.js';
import { Supervisor } from './supervisor.js';

const answerMs = 10_000;
const [sigkill, bothWays, allBits] = [9, -4, 0xffff_ffff];
const execStep = 12;
const tooBig = -7;
const flags = { session: 1, ownGroup: 2, pidNamespace: 4 } as const;

function wordsOf({ numbers, files, groups, sources }: Launch, terminal: number, kind: ContainmentKind): string {
  const at = (place: number): number => numbers[place] ?? 0;
  const session = at(places.session) !== 0 ? flags.session : 0;
  const ownGroup = at(places.group) === 0 ? flags.ownGroup : 0;
  const mask = (BigInt(at(places.mask + 1)) << 32n) | BigInt(at(places.mask));
  return [
    sources.length,
    terminal,
    session | ownGroup | (kind === 'pid-namespace' ? flags.pidNamespace : 0),
    mask,
    at(places.uid),
    at(places.gid),
    files.length,
    groups?.length ?? -1,
    ...(groups ?? []),
  ].join(',');
}

// It blocks all signals from the start; what is ignored, and a group that is there, are the command's by inheritance.
function numbersOf({ numbers }: Launch): number[] {
  const group = numbers[places.group] ?? -1;
  const dispositions = numbers.slice(places.defaults, places.cgroup);
  return [0, group > 0 ? group : -1, -1, 0, -1, -1, allBits, allBits, ...dispositions];
}

/** Starts a command under a supervisor. @throws what spawn() throws, where it is not the supervisor's fault */
export function startSupervised(launch: Launch, kind: ContainmentKind): Started {
  if (launch.ownTerminal !== -1) return { refused: 'it has no terminal of its own' };
  const terminal = launch.numbers[places.terminal] ?? -1;
  const own = terminal >= 0 ? [terminal] : [];
  const words = wordsOf(launch, own.length > 0 ? launch.sources.length + 1 : terminal, kind);
  const started: Launch = {
    ...launch,
    files: [initPath],
    argv: ['sigkit-init', '--contain', words, ...launch.files, ...launch.argv],
    sources: [...launch.sources, bothWays, ...own],
    groups: undefined,
    numbers: numbersOf(launch),
  };
  const made = spawnNow(started, launch.cgroup);
  if (typeof made === 'number') return notStarted(launch, made);
  const [pid = 0, pidfd = -1, ...ends] = made;
  const control = ends.pop() ?? -1;
  const supervisor = new Supervisor(pid, pidfd, control);
  supervisor.adopt();
  const first = firstMessage(control);
  if (first?.kind === told.born)
    return { keeper: new JobKeeper({ kind, pid: first.pid, supervisor, failure: launch.failure }), ends };
  supervisor.signal(sigkill);
  for (const end of [...ends, control]) {
    native().settle(end);
    fs.closeSync(end);
  }
  if (first?.kind === told.failed) throw launch.failure(first.status, first.error);
  return { refused: first === undefined ? 'its supervisor does not answer' : refusalIn(first) };
}

function notStarted(launch: Launch, errno: number): Started {
  const step = exchanged(0);
  // The words and the environment are the command's.
  if (step !== execStep || errno === tooBig) throw launch.failure(step, errno);
  return { refused: `${initPath} cannot be executed: ${util.getSystemErrorName(errno)}` };
}

function refusalIn({ status, error }: Message): string {
  const what = status === 0 ? '/proc does not list the children of a process' : 'unshare(CLONE_NEWPID)';
  return `${what}: ${util.getSystemErrorName(error)}`;
}

// It comes once the program has been executed, as without a supervisor. Twice: this process may have been stopped.
function firstMessage(control: number): Message | undefined {
  const bytes = Buffer.alloc(messageSize);
  for (let filled = 0; filled < messageSize;) {
    if (native().awaitReadable(control, answerMs) <= 0 && native().awaitReadable(control, answerMs) <= 0)
      return undefined;
    const got = fs.readSync(control, bytes, filled, messageSize - filled, null);
    if (got === 0) return undefined;
    filled += got;
  }
  return readMessage(bytes);
}
