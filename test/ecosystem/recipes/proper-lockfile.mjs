import { writeFileSync } from 'node:fs';

import lockfile from 'proper-lockfile';

import { ready, start } from './common.mjs';

const shutdown = start();
writeFileSync('state', '');
// The recipe:
const release = await lockfile.lock('state');
shutdown.add('lock', () => release());
// Its end.
ready();
