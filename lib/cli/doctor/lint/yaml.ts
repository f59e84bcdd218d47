// The YAML that people write for Compose and Kubernetes: mappings, lists, block and quoted text, values in brackets. Anchors,
// templates and the like are not read, and their lines are told. A whole parser weighs more than twice what the doctor does.

/** A value, with the keys that lead to it. */
export interface Entry {
  readonly path: string;
  readonly value: string;
  readonly line: number;
}

export interface Reading {
  /** Of each document of the file. */
  readonly documents: readonly (readonly Entry[])[];
  /** The lines that could not be read. */
  readonly unread: readonly number[];
}

interface Level {
  readonly indent: number;
  readonly path: string;
  readonly isItem: boolean;
  items: number;
}

const key = /^(?:"([^"]+)"|'([^']+)'|([\w./$-][^:#]*?))\s*:(?:\s+(.*))?$/;
const beyond = /^[&*!%@`]|^<<|\{\{/;
const token = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([[\]{},])|([^[\]{},"'][^[\]{},]*))/gy;

const withoutComment = (line: string): string => {
  const at = line.search(/(?:^|\s)#/);
  const before = line.slice(0, at);
  // A quote that is open makes it text.
  const isText = at < 0 || (before.match(/"/g)?.length ?? 0) % 2 === 1 || (before.match(/'/g)?.length ?? 0) % 2 === 1;
  return (isText ? line : before).trimEnd();
};

const unquoted = (text: string): string => /^"(.*)"$|^'(.*)'$/.exec(text)?.slice(1).join('') ?? text;
const join = (path: string, name: string | number): string => (path === '' ? `${name}` : `${path}.${name}`);

/** What stands in brackets, each value with its path. */
function flow(text: string, path: string): (readonly [path: string, value: string])[] | null {
  const found: (readonly [string, string])[] = [];
  const open: { readonly path: string; readonly list: boolean; items: number }[] = [];
  let name = '';
  for (const [, double, single, mark, plain] of text.matchAll(token)) {
    const top = open.at(-1);
    if (mark === '[' || mark === '{') {
      const own = top === undefined ? path : join(top.path, top.list ? top.items : name);
      open.push({ path: own, list: mark === '[', items: 0 });
      name = '';
    } else if (top === undefined) return null;
    else if (mark === ',') [top.items, name] = [top.items + 1, ''];
    else if (mark !== undefined) open.pop();
    else {
      const [, before, after] = plain === undefined ? [] : (/^([^:]+):(?:\s+(.*))?$/.exec(plain.trim()) ?? []);
      const value = double ?? single ?? after ?? (before === undefined ? plain?.trim() : '') ?? '';
      if (before !== undefined) name = before;
      else if (!top.list && name === '') name = value;
      if (value !== '' && value !== name) found.push([join(top.path, top.list ? top.items : name), value]);
    }
  }
  return open.length === 0 ? found : null;
}

class Reader {
  readonly documents: Entry[][] = [[]];
  readonly unread: number[] = [];
  readonly #lines: readonly string[];
  #levels: Level[] = [];
  #at = 0;

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/);
    this.#newDocument();
    while (this.#at < this.#lines.length) this.#line(withoutComment(this.#lines[this.#at++] ?? ''));
  }

  #newDocument(): void {
    this.#levels = [{ indent: -1, path: '', isItem: false, items: 0 }];
    if (this.documents.at(-1)?.length !== 0) this.documents.push([]);
  }

  #line(line: string): void {
    const content = line.trimStart();
    if (content === '') return;
    if (/^(?:---|\.\.\.)/.test(line)) this.#newDocument();
    else if (line.includes('\t') || beyond.test(content)) this.unread.push(this.#at);
    else this.#content(content, line.length - content.length);
  }

  #content(content: string, indent: number): void {
    const item = /^-(?:(\s+)(.*))?$/.exec(content);
    if (item !== null) {
      const [, space = ' ', rest = ''] = item;
      const list = this.#upTo(({ indent: own, isItem }) => own > indent || (own === indent && isItem));
      this.#levels.push({ indent, path: join(list.path, list.items++), isItem: true, items: 0 });
      if (rest !== '') this.#content(rest, indent + 1 + space.length);
      return;
    }
    const [, double, single, plain, value = ''] = key.exec(content) ?? [];
    const name = double ?? single ?? plain;
    const inText = /^["'[{]/.test(content) && double === undefined && single === undefined;
    const parent = this.#upTo(({ indent: own }) => own >= indent);
    if (name === undefined || inText) {
      if (parent.isItem) this.#value(parent.path, content, parent.indent);
      else this.unread.push(this.#at);
      return;
    }
    const path = join(parent.path, name);
    this.#levels.push({ indent, path, isItem: false, items: 0 });
    if (value !== '') this.#value(path, value, indent);
  }

  #upTo(isOver: (level: Level) => boolean): Level {
    while (this.#levels.length > 1 && isOver(this.#levels.at(-1) as Level)) this.#levels.pop();
    return this.#levels.at(-1) as Level;
  }

  #value(path: string, value: string, indent: number): void {
    const line = this.#at;
    const add = (where: string, text: string): number =>
      this.documents.at(-1)?.push({ path: where, value: text, line }) ?? 0;
    if (beyond.test(value)) this.unread.push(line);
    else if (/^[|>][+-]?\d*$/.test(value)) add(path, this.#block(indent));
    else if (/^[[{]/.test(value)) {
      const pairs = this.#bracketed(value, path);
      if (pairs === null) this.unread.push(line);
      else for (const [where, text] of pairs) add(where, text);
    } else add(path, unquoted(value));
  }

  #block(indent: number): string {
    const found: string[] = [];
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] ?? '';
      if (line.trim() !== '' && line.search(/\S/) <= indent) break;
      found.push(line.trim());
    }
    return found.join('\n');
  }

  // It may go on in the next lines.
  #bracketed(value: string, path: string): ReturnType<typeof flow> {
    let text = value;
    for (let more = this.#at; ; more += 1) {
      const pairs = flow(text, path);
      if (pairs !== null || more >= this.#lines.length) {
        if (pairs !== null) this.#at = more;
        return pairs;
      }
      text += ` ${withoutComment(this.#lines[more] ?? '').trim()}`;
    }
  }
}

/** Each value of each document, with its path: `services.web.command.0`. */
export function readYaml(text: string): Reading {
  const { documents, unread } = new Reader(text);
  return { documents, unread };
}
