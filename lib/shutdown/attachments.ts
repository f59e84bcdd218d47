import { util } from '../base/builtins.js';
import { escapeLine, escapeLines } from '../base/escape.js';
import { type GuardedGroups, heldGroup } from './groups.js';
import type { Hook, Participant } from './types.js';

/** What a hook may bring along: adapters do. */
interface Attached {
  /** Process groups that are to end with the process as long as the hook has not ended them. */
  readonly groups: readonly number[];
  /** Called when it is removed, and when the shutdown is over or closed. */
  readonly dispose: () => void;
}

function attachedTo(hook: (Hook | Participant) & Partial<Disposable>): Attached {
  const isFunction = typeof hook === 'function';
  // In a participant it would be a hook of a stage of that name.
  const groups = isFunction && 'groups' in hook ? (hook.groups as readonly number[]) : [];
  return { groups, dispose: () => hook[Symbol.dispose]?.() };
}

/** What the hooks have brought along, by their names. */
export class Attachments {
  readonly #groups: GuardedGroups;
  readonly #attached = new Map<string, Attached>();

  constructor(groups: GuardedGroups) {
    this.#groups = groups;
  }

  /** The hook itself, or one that removes its groups when it has ended them. */
  follow(hook: Hook | Participant): Hook | Participant {
    const { groups } = attachedTo(hook);
    if (typeof hook !== 'function' || groups.length === 0) return hook;
    return async (context) => {
      await hook(context);
      for (const group of groups) this.#groups.removeEnded(group, heldGroup(hook, group));
    };
  }

  /** @throws ENOSPC, EMFILE, ERR_OUT_OF_RANGE for its groups */
  add(name: string, hook: Hook | Participant): void {
    const attached = attachedTo(hook);
    this.#attached.set(name, attached);
    for (const group of attached.groups) this.#groups.add(group, attached, heldGroup(hook, group));
  }

  remove(name: string): void {
    const attached = this.#attached.get(name);
    if (attached === undefined) return;
    this.#attached.delete(name);
    for (const group of attached.groups) this.#groups.release(group, attached);
    attached.dispose();
  }

  /** Whatever becomes of one, the others go as well. */
  removeAll(): void {
    for (const name of this.#attached.keys()) {
      try {
        this.remove(name);
      } catch (error) {
        process.emitWarning(
          `Symbol.dispose of the hook '${escapeLine(name)}' has failed: ${escapeLines(util.inspect(error))}`,
          'SigkitWarning',
        );
      }
    }
  }
}
