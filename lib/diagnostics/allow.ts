import { toBoolean, toInteger, toPositivePid } from '../base/arguments.js';
import { invalidArgType } from '../base/errors.js';
import { type OptionNames, readOptions } from '../base/options.js';

/** Who is answered, of those that the kernel lets send: whoever is one of these. */
export interface AllowedSenders {
  /** Real users. */
  readonly uids?: readonly number[] | undefined;
  readonly pids?: readonly number[] | undefined;
  /** The parent that the process has at that moment. @default false */
  readonly parent?: boolean | undefined;
  /** Whoever has no pid here: one of another pid namespace, and the kernel, as for Ctrl-\. @default false */
  readonly unknown?: boolean | undefined;
}

const names: OptionNames<AllowedSenders> = { uids: true, pids: true, parent: true, unknown: true };
const maxUid = 2 ** 32 - 2;

function toIds(value: unknown, argument: string, toId: (id: unknown, argument: string) => number): number[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidArgType(argument, 'an array of numbers', value);
  return value.map((id: unknown, index) => toId(id, `${argument}[${index}]`));
}

const toUid = (id: unknown, argument: string): number => toInteger(id, argument, 0, maxUid);

/** For the native side (native/addon/diagnostic_bindings.cc). */
export function toAllowed(value: AllowedSenders | undefined): Uint32Array {
  if (value === undefined) return new Uint32Array(4);
  const { uids, pids, parent, unknown } = readOptions(value, names, undefined, 'options.allow');
  const users = toIds(uids, 'options.allow.uids', toUid);
  const processes = toIds(pids, 'options.allow.pids', toPositivePid);
  return Uint32Array.of(
    1,
    Number(toBoolean(parent, 'options.allow.parent', false)),
    Number(toBoolean(unknown, 'options.allow.unknown', false)),
    users.length,
    ...users,
    ...processes,
  );
}
