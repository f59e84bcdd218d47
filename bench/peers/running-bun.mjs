// running-bun.mjs true|output COUNT AT_ONCE: as running.ts, by the shell of Bun, which runs this.
import { $ } from 'bun';

const [what, total, atOnce] = process.argv.slice(2);
const runners = {
  true: () => $`/bin/true`.quiet(),
  output: () => $`/usr/bin/head -c 1048576 /dev/zero`.quiet(),
};
let started = 0;

async function runSome(until) {
  while (started < until) {
    started += 1;
    await runners[what]();
  }
}

await runSome(5);
started = 0;
const [before, used] = [performance.now(), process.cpuUsage()];
await Promise.all(Array.from({ length: Number(atOnce) }, () => runSome(Number(total))));
const wall = performance.now() - before;
const { user, system } = process.cpuUsage(used);
process.stdout.write(`${(wall * 1e3) / Number(total)} ${(user + system) / Number(total)}\n`);
