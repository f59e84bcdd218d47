// Prints the sources in these rooms of native/ for binding.gyp, so that a new file needs no entry there.
import { readdirSync } from 'node:fs';

for (const room of process.argv.slice(2)) {
  for (const file of readdirSync(`native/${room}`).sort()) {
    if (file.endsWith('.cc')) console.log(`native/${room}/${file}`);
  }
}
