// As native/posix/escape.cc: what ends a line, or tells a terminal something.
const unprintable = /[\p{Cc}\u2028\u2029]/gu;

const escapeCharacter = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** Text of others as it may stand in a line of ours: its control characters as `\xNN`, a backslash as two. */
export function escapeLine(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(unprintable, escapeCharacter);
}

/** The same for text that has lines of its own, such as a stack. All but the first are indented: ours begin at the margin. */
export function escapeLines(text: string): string {
  const [first = '', ...others] = text.split('\n').map((line) => line.replace(unprintable, escapeCharacter));
  return [first, ...others.map((line) => (line.startsWith(' ') ? line : `    ${line}`))].join('\n');
}
