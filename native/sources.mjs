// Prints the addon's sources for binding.gyp, so that a new file needs no entry there.
import { readdirSync } from 'node:fs';

for (const room of ['posix', 'hub', 'addon']) {
  for (const file of readdirSync(`native/${room}`).sort()) {
    if (file.endsWith('.cc')) console.log(`native/${room}/${file}`);
  }
}
