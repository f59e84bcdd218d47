import { invalidArgType, outOfRange } from '../base/errors.js';
import { givenNames, givenValue } from '../base/options.js';
import { written } from '../base/unknown-option.js';

// What would go past what is known of the service, or needs a descriptor.
const ours: ReadonlyMap<string, string> = new Map([
  ['READY', 'state.ready'],
  ['RELOADING', 'state.reloading'],
  ['MONOTONIC_USEC', 'state.reloading'],
  ['STOPPING', 'state.stopping'],
  ['STATUS', 'state.status'],
  ['ERRNO', 'state.errno'],
  ['MAINPID', 'state.mainPid'],
  ['MAINPIDFD', 'state.mainPid'],
  ['EXTEND_TIMEOUT_USEC', 'state.extendTimeoutMs'],
  ['WATCHDOG', 'state.watchdog'],
  ['FDSTORE', 'storeDescriptors()'],
  ['FDNAME', 'storeDescriptors()'],
  ['FDPOLL', 'storeDescriptors()'],
  ['FDSTOREREMOVE', 'removeDescriptors()'],
  ['BARRIER', 'barrier()'],
]);

/** The lines of what sigkit has no name for. */
export function fieldLines(fields: unknown): string[] {
  if (fields === undefined) return [];
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw invalidArgType('state.fields', 'of type object', fields);
  const given = givenNames(fields).map((name) => [name, givenValue(fields, name)] as const);
  return given.filter(([, value]) => value !== undefined).map(([name, value]) => fieldLine(name, value));
}

function fieldLine(name: string, value: unknown): string {
  const argument = `state.fields${written(name)}`;
  const own = ours.get(name);
  if (own !== undefined) throw outOfRange(argument, `left out: ${own} is for that`, value);
  if (!/^[A-Z_a-z]\w*$/.test(name))
    throw outOfRange(argument, 'named by letters, digits and underscores, without a digit at its beginning', value);
  if (typeof value !== 'string') throw invalidArgType(argument, 'of type string', value);
  // systemd ends a line at each of the first two, and takes nothing of a message with the third.
  if (/[\n\r\0]/.test(value)) throw outOfRange(argument, 'a text of one line, without null characters', value);
  return `${name}=${value}`;
}
