// More, and Node takes it for 1.
const longest = 2 ** 31 - 1;

/** Calls back after that time, however long; never after Infinity. `ref`: it keeps the process alive. Returns what takes it back. */
export function after(ms: number, callback: () => void, ref: boolean = true): () => void {
  if (ms === Infinity) return () => {};
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(() => (left > longest ? arm(left - longest) : callback()), Math.min(left, longest));
    if (!ref) timer.unref();
  };
  arm(ms);
  return () => clearTimeout(timer);
}
