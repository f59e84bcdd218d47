/** What the work comes to. Rejects with `late` if it takes longer; it is not stopped then. */
export async function inTime(work: () => unknown, ms: number, late: string): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(late)), ms).unref();
  });
  try {
    return await Promise.race([(async () => work())(), end]);
  } finally {
    clearTimeout(timer);
  }
}
