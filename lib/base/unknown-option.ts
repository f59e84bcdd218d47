import type { SigkitErrorCode } from './errors.js';

const code: SigkitErrorCode = 'ERR_SIGKIT_UNKNOWN_OPTION';

// ASCII will do: with \p{L} each import would take 0.2 ms longer, as V8 reads such a class when it parses.
/** A property as it is written behind its object. */
export function written(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

// What people mix up: case, unit, separators.
function bare(name: string): string {
  return name.replace(/[-_ ]|ms$/gi, '').toLowerCase();
}

// How many letters are to be added, left out, replaced or swapped with the next.
function distance(from: string, to: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= to.length; at += 1) {
      const same = from[row - 1] === to[at - 1];
      const swapped = row > 1 && at > 1 && from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1];
      next[at] = Math.min(
        (last[at] ?? 0) + 1,
        (next[at - 1] ?? 0) + 1,
        (last[at - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[at - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, next];
  }
  return last[to.length] ?? 0;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const given = bare(name);
  const allowed = Math.floor(given.length / 4);
  const found = known
    .map((other) => ({ other, away: distance(given, bare(other)) }))
    .filter(({ away }) => away <= allowed)
    .sort((one, other) => one.away - other.away);
  return found[0]?.other;
}

function advice(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  if (bare(name) === 'timeout' && known.includes('signal'))
    return 'To give up after a time: signal: AbortSignal.timeout(ms)';
  return `There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ')}`;
}

/** The error for an option that the function does not have, with what is there in its place. */
export function unknownOption(
  shown: string,
  name: string,
  known: readonly string[],
  hint: (name: string) => string | undefined = () => undefined,
): TypeError {
  return Object.assign(new TypeError(`Unknown option "${shown}". ${hint(name) ?? advice(name, known)}`), {
    code,
  });
}
