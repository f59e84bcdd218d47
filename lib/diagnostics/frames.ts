/** A call on the stack of JavaScript. */
export interface StackFrame {
  /** `Object.readFileSync`, `new Pool`, `async main`; null at the top level of a file. */
  readonly function: string | null;
  /** A path, a URL or `node:fs`; null of what is built in. */
  readonly file: string | null;
  /** These two count from 1; null where V8 tells none. */
  readonly line: number | null;
  readonly column: number | null;
  /** Built into V8: `RegExp.test`, `Array.sort`, `Atomics.wait`. */
  readonly native: boolean;
}

const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

// `function (place)`, or a place alone: the last bracket that opens is the place's, as names may have some.
function split(line: string): readonly [name: string | null, place: string] {
  const start = line.endsWith(')') ? line.lastIndexOf(' (') : -1;
  return start === -1 ? [null, line] : [line.slice(0, start), line.slice(start + 2, -1)];
}

function frameOf(line: string): StackFrame {
  const [name, place] = split(line);
  const native = place === '<anonymous>' || place === 'native';
  const [, file = place, row, column] = /^(.*?):(\d+):(\d+)$/s.exec(place) ?? [];
  return { function: name, file: native ? null : file, line: numberOf(row), column: numberOf(column), native };
}

// Of a recursion without end V8 prints ten thousand.
const innermost = 150;
const outermost = 50;

export interface Frames {
  readonly frames: readonly StackFrame[];
  /** How many have been left out before the last ones. */
  readonly framesOmitted: number;
}

/** The frames that V8 has printed, a line each. */
export function framesIn(text: string): Frames {
  const lines = text.split('\n').filter((line) => line !== '');
  const framesOmitted = Math.max(lines.length - innermost - outermost, 0);
  if (framesOmitted > 0) lines.splice(innermost, framesOmitted);
  return { frames: lines.map((line) => frameOf(line)), framesOmitted };
}
