import { unsupportedHere } from '../unsupported.js';
import { Children, type PipeStream } from './children.js';
import { OwnGroups } from './own-groups.js';
import { send } from './send.js';
import { StreamFunctions, type Surroundings } from './stream-functions.js';

const exitsWakeup = 1;
const takenAtOnce = 64;
const noSuchProcess = -3;
const noChild = -10;
const notSupported = -95;
const notShown = -2;
const firstPipe = -2;

/** The functions of native/addon/spawn_bindings.cc and its like, over child_process. */
export class ChildFunctions extends StreamFunctions {
  protected readonly groups: OwnGroups = new OwnGroups();
  readonly #children: Children;

  constructor(surroundings: Surroundings) {
    super(surroundings);
    const { signals, onWake } = surroundings;
    this.#children = new Children({ groups: this.groups, signals, wake: () => onWake(exitsWakeup, 0) });
  }

  spawn(
    files: string,
    argv: string,
    env: string,
    cwd: string | undefined,
    stdio: Float64Array,
    _groups: Float64Array | undefined,
    numbers: Float64Array,
  ): Int32Array | number {
    const [session, group, , , uid = -1, gid = -1] = numbers;
    const made = this.#children.start({
      files: textsIn(files),
      argv: textsIn(argv),
      env: textsIn(env),
      cwd,
      stdio: Array.from(stdio, (source) => (source >= 0 ? source : source <= firstPipe ? 'pipe' : 'ignore')),
      // child_process makes no group without a session.
      leads: session === 1 || group === 0,
      uid: uid < 0 ? undefined : uid,
      gid: gid < 0 ? undefined : gid,
    });
    if ('errno' in made) {
      this.put([made.step]);
      return made.errno;
    }
    const [pid = 0, ...streams] = made;
    // A child's pid stands for its pidfd as well.
    return Int32Array.of(pid, pid, ...streams);
  }

  /** What the runtime has for one of the pipes that `spawn` has told of. */
  takeStream(end: number): PipeStream | undefined {
    return this.#children.takeStream(end);
  }

  /** Undefined of a group that no child leads, or that is empty. */
  serialOfGroup(pgid: number): number | undefined {
    return this.groups.serialOf(pgid);
  }

  kill(pid: number, signal: number): number {
    return send(pid, signal);
  }

  getpgid(pid: number): number {
    return this.#children.leads(pid) ? pid : notSupported;
  }

  signalGroup(pgid: number, _witness: number, serial: number, _pidfd: number, signal: number): number {
    return this.groups.signal(pgid, serial, signal);
  }

  watchExit(pid: number): number {
    this.#children.watch(pid);
    return 0;
  }

  takeExited(): number {
    const exited = this.#children.takeExited(takenAtOnce);
    this.put(exited);
    return exited.length;
  }

  pidfdSignal(pid: number, signal: number, low?: number): number {
    if (low !== undefined) throw unsupportedHere('a value for kill()', 'kill() sends a signal without one');
    const runs = this.#children.isKnown(pid) && this.#children.statusOf(pid) === undefined;
    return runs ? send(pid, signal) : noSuchProcess;
  }

  pidfdClose(): number {
    return 0;
  }

  // Of what it has used, nobody tells: the runtime has reaped it.
  pidfdPeekExit(): number {
    return 0;
  }

  pidfdStatus(pid: number): number {
    const status = this.#children.statusOf(pid);
    if (status === undefined) return noChild;
    this.put([status]);
    return 0;
  }

  peekExit(pid: number): number {
    if (!this.#children.isKnown(pid)) return noChild;
    return this.#children.statusOf(pid) === undefined ? 0 : pid;
  }

  wait(pid: number): number {
    return this.#children.isKnown(pid) && this.#children.statusOf(pid) === undefined ? 0 : noChild;
  }

  // Stops and continuations are told to nobody.
  watchChildren(): number {
    return 0;
  }

  stateChange(): number {
    return 0;
  }

  readStat(): number {
    return notShown;
  }

  readStats(): readonly [string, Float64Array] {
    return ['', new Float64Array()];
  }

  // What a pipe of the runtime's holds.
  unread(): number {
    return 0;
  }

  birthError(): number {
    return 0;
  }

  forgetChild(pid: number): number {
    this.#children.forget(pid);
    return 0;
  }

  abandonChild(pid: number): number {
    return this.forgetChild(pid);
  }
}

function textsIn(joined: string): string[] {
  return joined.split('\0').slice(0, -1);
}
