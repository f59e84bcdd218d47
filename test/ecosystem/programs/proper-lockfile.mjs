// Holds a lock until its end.
import { existsSync, writeFileSync } from 'node:fs';

import lockfile from 'proper-lockfile';

import { live } from './life.mjs';

writeFileSync('state', '');
await lockfile.lock('state', { realpath: false });
console.log('locked', existsSync('state.lock'), await lockfile.check('state', { realpath: false }));
await lockfile.lock('state', { realpath: false }).catch(({ code }) => console.log(code));
await live(process.argv[2], async () => console.log('still locked', existsSync('state.lock')));
