import { abortError } from '../../base/errors.js';
import { requireAddon } from '../../base/native.js';
import type { Contained } from '../contain/containment.js';
import { type Launch, spawnNow } from '../contain/launch.js';
import { startContained } from '../contain/start.js';
import type { Keeper } from '../waiting/keeper.js';
import { withCgroup } from './child-settings.js';
import { OwnKeeper } from './own-keeper.js';
import { failure, failureAt } from './spawn-failure.js';
import { type SpawnOptions, type SpawnRequest, toRequest } from './spawn-request.js';
import { SpawnedProcess } from './spawned-process.js';
import type { Stdio } from './stdio-types.js';
import { closeTerminal, openTerminal, type Terminal } from './terminal.js';
import type { TerminalOptions } from './terminal-options.js';

// native/addon/spawn_bindings.cc has the same number.
const noTerminal = -1;

interface Started {
  readonly keeper: Keeper | Contained;
  readonly ends: readonly number[];
}

function startAlone(request: SpawnRequest, launch: Launch): Started {
  const { cgroup } = request.settings;
  const made =
    cgroup === undefined ? spawnNow(launch, request.cgroup) : withCgroup(cgroup, (folder) => spawnNow(launch, folder));
  if (typeof made === 'number') throw failure(request, made);
  const [pid = 0, pidfd = -1, ...ends] = made;
  return { keeper: new OwnKeeper(request, pid, pidfd), ends };
}

function start(request: SpawnRequest, terminal: number): Started {
  const launch = {
    ...request,
    ownTerminal: terminal,
    failure: (step: number, errno: number) => failureAt(step, request, errno),
    keep: (pid: number, pidfd: number) => new OwnKeeper(request, pid, pidfd),
  };
  try {
    return request.contain === undefined ? startAlone(request, launch) : startContained(launch, request.contain);
  } catch (error) {
    if (terminal !== noTerminal) closeTerminal(terminal);
    throw error;
  }
}

/** A child with a terminal of its own. */
export interface TerminalProcess extends SpawnedProcess<'ignore'> {
  readonly terminal: Terminal;
}

type WithTerminal = SpawnOptions & { readonly terminal: true | TerminalOptions };

/**
 * Starts a program in a child process. Everything between fork and exec is one native step, in which no JavaScript and no
 * handler runs: when this returns, the program has been executed, in its group, with its mask, dispositions and descriptors,
 * and nothing else of this process is open in it. One that is stopped on the way there (Ctrl-Z) is returned as it is; what fails
 * after that rejects its `exited`.
 * @throws the errno of what failed with `syscall` and `path`: ENOENT, EACCES, ENOEXEC (execve, chdir), EPERM (setpgid,
 * setresuid, or what a setting takes), EAGAIN, EMFILE; AbortError, ERR_SIGKIT_READ_AHEAD, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function spawn(file: string, options: WithTerminal): TerminalProcess;
export function spawn(file: string, args: readonly string[] | undefined, options: WithTerminal): TerminalProcess;
export function spawn<const Given extends Stdio | undefined = 'pipe'>(
  file: string,
  options?: SpawnOptions<Given>,
): SpawnedProcess<Given>;
export function spawn<const Given extends Stdio | undefined = 'pipe'>(
  file: string,
  args?: readonly string[],
  options?: SpawnOptions<Given>,
): SpawnedProcess<Given>;
export function spawn<const Given extends Stdio | undefined = 'pipe'>(
  file: string,
  args?: readonly string[] | SpawnOptions<Given>,
  options?: SpawnOptions<Given>,
): SpawnedProcess<Given> {
  requireAddon();
  return startRequest<Given>(toRequest(file, args, options));
}

/** The same of what has been checked. */
export function startRequest<Given extends Stdio | undefined>(request: SpawnRequest): SpawnedProcess<Given> {
  if (request.signal?.aborted === true) throw abortError(request.signal.reason);
  const terminal = request.terminal === undefined ? noTerminal : openTerminal(request.terminal);
  const { keeper, ends } = start(request, terminal);
  return SpawnedProcess.start<Given>(request, keeper, ends, terminal);
}
