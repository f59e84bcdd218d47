/** The numbers of the signals in a set of two halves, bit n-1 for signal n, in order. */
export function numbersIn({ low, high }: { readonly low: number; readonly high: number }): number[] {
  const numbers: number[] = [];
  for (let rest = low; rest !== 0; rest &= rest - 1) numbers.push(32 - Math.clz32(rest & -rest));
  for (let rest = high; rest !== 0; rest &= rest - 1) numbers.push(64 - Math.clz32(rest & -rest));
  return numbers;
}
