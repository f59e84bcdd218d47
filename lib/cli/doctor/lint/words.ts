import path from 'node:path';

import type { RuleId } from '../rules.js';

/** What a file shows: the rule, its line, and the text. */
export type Said = readonly [rule: RuleId, line: number, text: string];

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash']);
const inits: ReadonlySet<string> = new Set(['tini', 'dumb-init', 'sigkit-init', 'docker-init', 'catatonit', 'init']);
const managers: ReadonlySet<string> = new Set(['npm', 'yarn', 'pnpm']);

const base = (word: string | undefined): string => path.posix.basename(word ?? '').replace(/-static$|\.bin$/, '');

/** Whether a command begins with an init. */
export const beginsWithInit = (words: readonly string[]): boolean => inits.has(base(words[0]));

const becomes = /(?:^|;|&&|\|\||\n)\s*exec\s/;

/** Whether a shell has more to do than to become the program: two commands, and no `exec`. */
export const staysShell = (script: string): boolean => /[;|&\n]/.test(script.trim()) && !becomes.test(script);

/** The words of a command line. */
export const wordsIn = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');

/** What stands between the program and who starts it. */
export function between(words: readonly string[], line: number, isShellForm: boolean = false): readonly Said[] {
  const [first, second = '', third = ''] = words;
  if (beginsWithInit(words) && !isShellForm) {
    const after = words.findIndex((word, at) => at > 0 && !word.startsWith('-'));
    return after < 0 ? [] : between(words.slice(after), line);
  }
  const shown = words.join(' ');
  if (managers.has(base(first))) return [['npm-command', line, shown]];
  const script = isShellForm ? shown : shells.has(base(first)) && /^-\w*c$/.test(second) ? third : null;
  if (script === null || becomes.test(script)) return [];
  return [['shell-form', line, shown]];
}

const killing = /\b(?:kill|pkill|killall)\s+(?:-s\s*)?-?(?:9|KILL|SIGKILL)\b/;

/** A SIGKILL that nothing has gone before. */
export function killsIn(text: string, first: number = 1): readonly Said[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at): readonly Said[] => {
    const asked = lines
      .slice(0, at + 1)
      .some((before) => /\bkill\s+(?:-s\s*)?(?:-?(?:15|TERM|SIGTERM)\b|["'$\d])/.test(before));
    return killing.test(line) && !/^\s*#/.test(line) && !asked ? [['kill-9', first + at, line.trim()]] : [];
  });
}
