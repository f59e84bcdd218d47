// import.js MODULE: how many milliseconds and KiB of resident memory its import takes.
const [module = ''] = process.argv.slice(2);
const before = process.memoryUsage.rss();
const startMs = performance.now();
await import(module);
const ms = performance.now() - startMs;
const kib = (process.memoryUsage.rss() - before) / 1024;
process.stdout.write(JSON.stringify({ ms, kib, resident: process.memoryUsage.rss() / 1024 }));
