import { escapeLine } from '../../base/escape.js';

const plain = /^[\w@%+=:,./-]+$/;
const longestCommand = 200;
const longestTail = 600;
const tailLines = 8;

/** As a POSIX shell reads it back; what would end a line is escaped. */
export function quoted(word: string): string {
  if (plain.test(word)) return word;
  return escapeControl(`'${word.replaceAll("'", String.raw`'\''`)}'`);
}

function escapeControl(text: string): string {
  // Only what would break the line, or tell a terminal something; a backslash stays one.
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, escapeLine);
}

export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** For a line of ours. */
export function shortCommand(command: string): string {
  return escapeControl(shortened(command, longestCommand));
}

/** The last lines of what a command has said. */
export function tailOf(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-tailLines).join('\n');
  return lines.length <= longestTail ? lines : `…${lines.slice(-longestTail)}`;
}
