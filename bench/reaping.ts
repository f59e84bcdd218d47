// reaping.js: what it costs to reap an orphan, when 1,000 and when 10,000 exit at once.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { reapOrphans, setChildSubreaper } from 'sigkit/process';

const source = fileURLToPath(new URL('../../test/fixtures/process/orphans.c', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-'));
const maker = path.join(folder, 'orphans');
const counts = process.argv.includes('--quick') ? [100, 1000] : [1000, 10_000];

function cpuMicroseconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

async function costPerOrphan(count: number): Promise<number> {
  const reaper = reapOrphans();
  const before = process.cpuUsage();
  const ended = once(spawn(maker, [String(count)], { stdio: 'inherit' }), 'exit');
  for (let reaped = 0; reaped < count; reaped += 1) await reaper.next();
  const spent = cpuMicroseconds(before);
  await ended;
  reaper.close();
  return spent / count;
}

process.once('exit', () => rmSync(folder, { recursive: true }));
execFileSync('cc', ['-O2', '-o', maker, source]);
setChildSubreaper(true);
await costPerOrphan(100);
const costs: number[] = [];
for (const count of counts) {
  const cost = await costPerOrphan(count);
  costs.push(cost);
  console.log(`${count} orphans that exit at once: ${cost.toFixed(1)} us of CPU each`);
}
const [few = 1, many = 0] = costs;
console.log(`cost per orphan, ${counts[1]} to ${counts[0]}: ${(many / few).toFixed(2)} (limit: 1.5)`);
