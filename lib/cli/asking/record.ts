import { fs } from '../../base/builtins.js';
import { linkOf, namesIn, orNull } from '../../diagnostics/inspect/readable.js';

/** What has become of a request. */
export interface Answer {
  readonly id: number;
  readonly askedBy: number;
  readonly also: readonly number[];
  readonly kind: string;
  readonly file: string | null;
  readonly error: string | null;
}

/** Of the last request; before it, of the last one of each other kind. */
interface LastAnswer extends Answer {
  readonly before: readonly Answer[];
}

/** What a process that has diagnostics open tells of them. */
export interface DiagnosticsRecord {
  readonly pid: number;
  readonly sigs: readonly string[];
  /** By the name of a signal, what it asks for. */
  readonly actions: Readonly<Record<string, string>>;
  readonly directory: string | null;
  /** How many it has not answered, as they may not ask. */
  readonly refused: number;
  readonly last: LastAnswer | null;
}

// native/posix/seen_record.h and native/hub/diagnostics.cc.
const link = '/memfd:sigkit-diagnostics (deleted)';
const size = 8192;
const tries = 20;

// Whoever owns the process may have put anything there: what does not wait, and is a file.
function contentOf(path: string): string | null {
  const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = fs.constants;
  return orNull(() => {
    const file = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    try {
      if (!fs.fstatSync(file).isFile()) return null;
      const bytes = Buffer.alloc(size);
      return bytes.toString('utf8', 0, fs.readSync(file, bytes, 0, size, 0));
    } finally {
      fs.closeSync(file);
    }
  });
}

// The text between two numbers, which are the same unless it was being written just then.
function textIn(path: string): string | null {
  for (let count = 0; count < tries; count += 1) {
    const [first, text, second] = contentOf(path)?.split('\n') ?? [];
    if (text !== undefined && first === second) return text;
  }
  return null;
}

function isRecord(value: unknown): value is DiagnosticsRecord {
  const { version, sigs, actions, refused } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    version === 1 &&
    Array.isArray(sigs) &&
    typeof actions === 'object' &&
    actions !== null &&
    typeof refused === 'number'
  );
}

function recordIn(text: string | null): DiagnosticsRecord | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Null if it has none open, `'hidden'` if this user may not know. `own` is its pid in its own namespace: a child that has not executed
 * another program yet has the same file.
 */
export function recordOf(pid: number, own: number): DiagnosticsRecord | 'hidden' | null {
  const folder = `/proc/${pid}/fd`;
  const names = namesIn(folder);
  if (names === null) return 'hidden';
  for (const name of names) {
    if (linkOf(`${folder}/${name}`) !== link) continue;
    const record = recordIn(textIn(`${folder}/${name}`));
    if (record?.pid === own) return record;
  }
  return null;
}
