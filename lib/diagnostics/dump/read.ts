import { toText } from '../../base/arguments.js';
import { fs } from '../../base/builtins.js';
import { outOfRange } from '../../base/errors.js';
import { codeName } from '../../signals/signal-info.js';
import type { Dump, DumpAsked } from './types.js';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isAsked(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { signal, number, name, command } = value;
  return [signal, name].every((text) => typeof text === 'string') && Number.isInteger(number) && Array.isArray(command);
}

function isDump(value: unknown): value is Dump {
  if (!isObject(value) || value['schema'] !== 1 || value['kind'] !== 'dump' || !isAsked(value['asked'])) return false;
  if (!Number.isInteger(value['pid']) || typeof value['at'] !== 'string') return false;
  if (value['answered'] === true) return isObject(value['providers']);
  return value['answered'] === false && Array.isArray(value['stacks']) && isObject(value['raw']);
}

const siTkill = -6;

// The native thread writes numbers as the kernel has them.
function named(asked: DumpAsked): DumpAsked {
  const code: unknown = asked.code;
  if (typeof code !== 'number') return asked;
  const known = asked.pid !== 0;
  return {
    ...asked,
    code: codeName(asked.number, code),
    pid: known ? asked.pid : null,
    uid: known ? asked.uid : null,
    value: code < 0 && code !== siTkill ? asked.value : null,
  };
}

/**
 * A dump that `openDiagnostics` has written.
 * @throws ERR_OUT_OF_RANGE of a file that is none; ENOENT, EACCES and their like
 */
export function readDump(path: string): Dump {
  const dump = parsed(fs.readFileSync(toText(path, 'path'), 'utf8'));
  if (!isDump(dump)) throw outOfRange('path', 'that of a dump of schema 1', path);
  return { ...dump, asked: named(dump.asked) };
}
