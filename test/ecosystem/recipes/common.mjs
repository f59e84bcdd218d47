// What the services of this folder share.
export const { closeResource, closeServer, createShutdown } = await import(process.env.SIGKIT);

export const port = 0;
export const collector = process.env.COLLECTOR;

/** As the documents have it: called first. */
export const start = () => createShutdown({ budgetMs: 20_000 });

/** The test sends a signal from now on. */
export function ready(server) {
  // Of a service that listens to nobody, too, as long as it runs.
  setInterval(() => {}, 1000);
  console.log(`ready ${server?.address().port ?? 0}`);
}

/** What is under way when the shutdown begins, and takes its time. */
export function slow(shutdown) {
  const begun = shutdown.transitions().next();
  return async () => {
    await begun;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return 'slow';
  };
}
