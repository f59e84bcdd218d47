import { invalidArgType, outOfRange } from '../../base/errors.js';
import type { RunOptions } from './options.js';
import type { RunResult } from './result.js';
import type { Run } from './run-object.js';
import { type OutputOf, run } from './run.js';

/** What stands in `${…}`: one argument, or with an array one for each item. */
export type TemplateArgument = string | number | readonly (string | number)[];

/** `$`, with options. */
export interface Template<Given extends RunOptions> {
  (texts: TemplateStringsArray, ...args: readonly TemplateArgument[]): Run<RunResult<OutputOf<Given>>>;
  <const More extends RunOptions>(options: More): Template<Omit<Given, keyof More> & More>;
}

function textOf(value: unknown, index: number): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw invalidArgType(`\${${index}}`, 'of type string or number, or an array of these', value);
}

/** Takes the literal parts apart at white space outside of quotes, and nothing else. */
class Words {
  readonly all: string[] = [];
  #word: string | undefined;
  #quote = '';

  literal(text: string): void {
    for (const character of text) {
      if (character === this.#quote) this.#quote = '';
      else if (this.#quote === '' && /[ \t\r\n]/.test(character)) this.#end();
      else if (this.#quote === '' && /['"]/.test(character)) [this.#quote, this.#word] = [character, this.#word ?? ''];
      else this.#word = (this.#word ?? '') + character;
    }
  }

  /** What stands before and behind the items belongs to the first and the last. */
  argument(items: readonly string[]): void {
    for (const [index, item] of items.entries()) {
      if (index > 0) this.#end();
      this.#word = (this.#word ?? '') + item;
    }
  }

  end(): string[] {
    if (this.#quote !== '')
      throw outOfRange('$', `a command whose quotes (${this.#quote}) are closed`, this.all.join(' '));
    this.#end();
    return this.all;
  }

  #end(): void {
    if (this.#word !== undefined) this.all.push(this.#word);
    this.#word = undefined;
  }
}

function wordsOf(texts: TemplateStringsArray, args: readonly unknown[]): string[] {
  const words = new Words();
  for (const [index, text] of (texts as readonly (string | undefined)[]).entries()) {
    if (text === undefined) throw outOfRange('$', 'a command whose escapes are those of a string', texts.raw[index]);
    words.literal(text);
    if (index >= args.length) break;
    const value = args[index];
    words.argument((Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => textOf(item, index)));
  }
  return words.end();
}

function withOptions<Given extends RunOptions>(options: Given): Template<Given> {
  const template = (first: TemplateStringsArray | RunOptions, ...args: readonly unknown[]): unknown => {
    if (!Array.isArray(first)) return withOptions({ ...options, ...(first as RunOptions) });
    const [file = '', ...rest] = wordsOf(first as unknown as TemplateStringsArray, args);
    return run(file, rest, options);
  };
  return template as Template<Given>;
}

/**
 * Runs what is written: `` await $`git log --format=${format} ${files}` ``. No shell reads it: the text is split at white space,
 * quotes keep it together, and what stands in `${…}` is one argument, whatever is in it, an array several. `$({ options })` is a `$`
 * with options of `run()`.
 * @throws as `run()`
 */
export const $: Template<RunOptions> = withOptions({});
