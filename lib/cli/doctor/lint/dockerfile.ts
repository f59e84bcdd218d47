import { beginsWithInit, between, killsIn, type Said } from './words.js';

interface Instruction {
  readonly name: string;
  readonly rest: string;
  readonly line: number;
  /** Whether a comment stands above it. */
  readonly explained: boolean;
}

/** What an image says of its command. */
export interface Image {
  readonly said: readonly Said[];
  readonly hasInit: boolean;
  /** Where its command stands; 0 if it has none. */
  readonly line: number;
}

function instructionsIn(text: string): readonly Instruction[] {
  const found: Instruction[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1;
    let whole = lines[at]?.trim() ?? '';
    if (whole.startsWith('#')) continue;
    for (; whole.endsWith('\\') && at + 1 < lines.length; at += 1)
      whole = `${whole.slice(0, -1)} ${lines[at + 1]?.trim()}`;
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(whole) ?? [];
    const explained = lines[line - 2]?.trim().startsWith('#') === true;
    if (name !== '') found.push({ name: name.toUpperCase(), rest: rest.trim(), line, explained });
  }
  // Of the stages the last one is run.
  return found.slice(found.map(({ name }) => name).lastIndexOf('FROM') + 1);
}

// The words of the exec form; null of the shell form.
function listIn(rest: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) ? value.map(String) : null;
  } catch {
    return null;
  }
}

/** Reads a Dockerfile. */
export function readDockerfile(text: string): Image {
  const all = instructionsIn(text);
  const last = (wanted: string): Instruction | undefined => all.findLast(({ name }) => name === wanted);
  const [entry, command, stop] = [last('ENTRYPOINT'), last('CMD'), last('STOPSIGNAL')];
  const lists = [entry, command].map((one) => (one === undefined ? [] : listIn(one.rest)));
  const hasInit = beginsWithInit([...(lists[0] ?? []), ...(lists[1] ?? [])]);
  const said: Said[] = [];
  for (const [at, one] of [entry, command].entries()) {
    if (one === undefined) continue;
    const list = lists[at] ?? null;
    // What an init or another program is given are arguments.
    if (list !== null && at === 1 && (lists[0]?.length ?? 0) > 0 && !hasInit) continue;
    said.push(...between(list ?? one.rest.split(/\s+/), one.line, list === null));
  }
  if (stop !== undefined && !/^(?:SIG)?TERM$|^15$/.test(stop.rest) && !stop.explained)
    said.push(['stop-signal', stop.line, `STOPSIGNAL ${stop.rest}`]);
  for (const one of all) if (['CMD', 'ENTRYPOINT', 'RUN'].includes(one.name)) said.push(...killsIn(one.rest, one.line));
  return { said, hasInit, line: (command ?? entry)?.line ?? 0 };
}
