import { hasRunningMember } from './running-member.js';
import { send } from './send.js';

interface Group {
  /** Tells it from one that has its number later. */
  readonly serial: number;
  leaderEnded: boolean;
}

const noSuchProcess = -3;
// A number must come round in that time to be taken for the group that had it.
const lookMs = 1000;

/** The process groups that children lead, as long as somebody is in them. */
export class OwnGroups {
  readonly #groups = new Map<number, Group>();
  #serials = 0;
  #timer: NodeJS.Timeout | undefined;

  add(pgid: number): void {
    this.#serials += 1;
    this.#groups.set(pgid, { serial: this.#serials, leaderEnded: false });
  }

  /** Undefined if no child leads it, or it is empty. */
  serialOf(pgid: number): number | undefined {
    return this.#groups.get(pgid)?.serial;
  }

  /** Its number is not reserved any more, but by those that are left. */
  leaderHasEnded(pgid: number): void {
    const group = this.#groups.get(pgid);
    if (group === undefined) return;
    group.leaderEnded = true;
    this.#look();
    if (this.#hasLeaderless()) this.#timer ??= setInterval(() => this.#look(), lookMs).unref();
  }

  /** 0 or a negative errno: ESRCH if it is empty, whoever has its number. */
  signal(pgid: number, serial: number, signal: number): number {
    const group = this.#groups.get(pgid);
    if (group?.serial !== serial) return noSuchProcess;
    const sent = sendTo(pgid, group, signal);
    const result = sent === 0 && signal === 0 && !hasRunningMember(pgid) ? noSuchProcess : sent;
    if (result === noSuchProcess) this.#groups.delete(pgid);
    return result;
  }

  #look(): void {
    for (const [pgid, group] of this.#groups)
      if (group.leaderEnded && sendTo(pgid, group, 0) === noSuchProcess) this.#groups.delete(pgid);
    if (this.#hasLeaderless()) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #hasLeaderless(): boolean {
    return [...this.#groups.values()].some(({ leaderEnded }) => leaderEnded);
  }
}

// Windows has no groups: only the child itself can be reached.
function sendTo(pgid: number, { leaderEnded }: Group, signal: number): number {
  if (process.platform !== 'win32') return send(-pgid, signal);
  return leaderEnded ? noSuchProcess : send(pgid, signal);
}
