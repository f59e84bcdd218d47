/** What a part of sigkit can say of itself at any moment, at no cost before somebody asks. */
type Teller = () => unknown;

const tellers = new Map<string, Set<Teller>>();

/** Until it is called again, dumps have what this tells under that name. */
export function tellOf(name: string, teller: Teller): () => void {
  const all = tellers.get(name) ?? new Set();
  tellers.set(name, all.add(teller));
  return () => void all.delete(teller);
}

/** By name, what each that is there says. */
export function told(): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries([...tellers].map(([name, all]) => [name, [...all].map((teller) => teller())]));
}
