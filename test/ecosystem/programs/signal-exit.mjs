// signal-exit, of one version or both, in a program that ends in some way.
import { writeSync } from 'node:fs';

import { live } from './life.mjs';

const [way, ...versions] = process.argv.slice(2);
for (const version of versions) {
  const { onExit, default: older } = await import(version === '3' ? 'signal-exit-3' : 'signal-exit');
  (onExit ?? older)((code, signal) => writeSync(1, `handler of ${version}: ${code} ${signal}\n`));
}
await live(way);
