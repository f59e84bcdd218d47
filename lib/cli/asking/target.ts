import { namespacePidsOf } from '../../diagnostics/inspect/inspect.js';
import { linkOf } from '../../diagnostics/inspect/readable.js';
import { snapshotOf } from '../../diagnostics/inspect/snapshot.js';
import { openRef, type ProcessRef } from '../../process/process-ref.js';
import { isRunning, readStat } from '../../process/proc-stat.js';
import { maskIn, readStatus } from '../../signals/proc-status.js';
import { hasSignal } from '../../signals/signal-mask.js';
import { exitCodes, Untold } from '../telling.js';
import { type DiagnosticsRecord, recordOf } from './record.js';

/** What the commands end with that have asked in vain. */
const noAnswer = 1;

/** Why a process has not told what it was asked for. */
export const untold = (pid: number, why: string, status: number = noAnswer): Untold =>
  new Untold(`process ${pid} ${why}`, status);

export const ended = (pid: number): Untold => untold(pid, 'has ended before it answered', exitCodes.noSuchProcess);

const link = (of: number | 'self', name: string): string | null => linkOf(`/proc/${of}/${name}`);
const shares = (pid: number, name: string): boolean => link(pid, name) === link('self', name);

/** A process that has diagnostics open, and no other that gets its number later. */
export class Target implements Disposable {
  readonly pid: number;
  /** As it was at first. */
  readonly record: DiagnosticsRecord;
  /** What its signals say who sends them: who is outside of its pid namespace has no number there. */
  readonly sender: number;
  /** Before the paths that it tells: empty if it sees the same files. */
  readonly root: string;
  readonly #own: number;
  readonly #startTime: number | undefined;
  readonly #ref: ProcessRef;

  private constructor(pid: number, own: number, startTime: number | undefined, record: DiagnosticsRecord) {
    this.pid = pid;
    this.record = record;
    this.sender = shares(pid, 'ns/pid') ? process.pid : 0;
    this.root = shares(pid, 'ns/mnt') && shares(pid, 'root') ? '' : `/proc/${pid}/root`;
    this.#own = own;
    this.#startTime = startTime;
    this.#ref = openRef(pid);
  }

  /** Null if it has none open. @throws Untold where this user may not know; ESRCH, and as `inspectProcess` */
  static open(pid: number): Target | null {
    const snapshot = snapshotOf(pid, 'inspectProcess');
    const own = namespacePidsOf(snapshot)?.at(-1) ?? pid;
    const record = recordOf(pid, own);
    if (record === 'hidden')
      throw untold(pid, 'shows its descriptors to its own user and to root alone', exitCodes.cannotTell);
    return record === null ? null : new Target(pid, own, snapshot.stat?.startTime, record);
  }

  get runs(): boolean {
    const now = readStat(this.pid);
    return isRunning(now) && now.startTime === this.#startTime;
  }

  /** As it is now; null once it has closed its diagnostics, or has ended. */
  look(): DiagnosticsRecord | null {
    const record = recordOf(this.pid, this.#own);
    return record === 'hidden' || !this.runs ? null : record;
  }

  /** Whether there is a handler, so that it does not end the process. */
  catches(signal: number): boolean {
    return hasSignal(maskIn(readStatus(`/proc/${this.pid}/status`), 'SigCgt'), signal);
  }

  /** 0 or a negative errno. */
  signal(number: number, value: number): number {
    return this.#ref.signal(number, { low: value, high: 0 });
  }

  [Symbol.dispose](): void {
    this.#ref.close();
  }
}
