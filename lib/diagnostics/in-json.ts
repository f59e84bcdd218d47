/** For JSON.stringify, what JSON has no word for: sets are arrays, what has no limit is `'unlimited'`. */
export function inJson(_: string, value: unknown): unknown {
  if (value instanceof Set) return [...value];
  if (typeof value === 'bigint') return String(value);
  return value === Infinity ? 'unlimited' : value;
}
