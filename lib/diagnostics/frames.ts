/** A call on the stack of JavaScript. */
export interface StackFrame {
  /** `Object.readFileSync`, `new Pool`, `async main`; null at the top level of a file. */
  readonly function: string | null;
  /** A path, a URL, `node:fs`, or `eval at` where that has been called; null of what is built in. With `--enable-source-maps` the source. */
  readonly file: string | null;
  /** These two count from 1; null where V8 tells none. */
  readonly line: number | null;
  readonly column: number | null;
  /** Built into V8: `RegExp.test`, `Array.sort`, `Atomics.wait`. */
  readonly native: boolean;
}

/** A call of native code, as `addr2line -f -e FILE OFFSET` would name it. */
export interface NativeFrame {
  /** Demangled where it is of C++; null where no table of symbols has it. */
  readonly function: string | null;
  /** The program, or the library. */
  readonly file: string;
  /** Where in it: the place to which the call returns, of the innermost where the thread is. */
  readonly offset: number;
}

export const textOf = (text: string): string | null => (text === '' ? null : text);
const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

// Names may have brackets, and so may places: `eval at run (file:3:1), <anonymous>:1:1`, `/srv/copy (2).js:1:1`. So the place's is the
// last one that opens after which as many close as open.
function startOfPlace(line: string): number {
  let open = 0;
  for (let at = line.length - 2; at > 0; at -= 1) {
    if (line[at] === '(' && open === 0 && line[at - 1] === ' ') return at - 1;
    if (line[at] === '(') open += 1;
    else if (line[at] === ')') open -= 1;
  }
  return line.lastIndexOf(' (');
}

// `function (place)`, or a place alone, that of an async function without a name after `async `.
function split(line: string): readonly [name: string | null, place: string] {
  const start = line.endsWith(')') ? startOfPlace(line) : -1;
  return start === -1 ? [null, line.replace(/^async /, '')] : [line.slice(0, start), line.slice(start + 2, -1)];
}

function frameOf(line: string): StackFrame {
  const [name, place] = split(line);
  // `index 2` of `async Promise.all`.
  const native = /^(?:<anonymous>|native|index \d+)$/.test(place);
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

/** Of each its function, its file and its offset. */
export function nativeFramesIn(values: readonly (string | number)[]): readonly NativeFrame[] {
  return Array.from({ length: values.length / 3 }, (_, index) => ({
    function: textOf(String(values[3 * index])),
    file: String(values[3 * index + 1]),
    offset: Number(values[3 * index + 2]),
  }));
}
