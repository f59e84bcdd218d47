// What `import 'sigkit'` takes: milliseconds, KiB of resident memory, and, to compare, how long node itself took to start.
const startMs = performance.now();
const before = process.memoryUsage.rss();
await import('sigkit');
const importMs = performance.now() - startMs;
const importKiB = (process.memoryUsage.rss() - before) / 1024;
process.stdout.write(JSON.stringify({ startMs, importMs, importKiB }));
