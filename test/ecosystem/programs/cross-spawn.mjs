// Children that end in many ways, one after the other and at once.
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';

import spawn from 'cross-spawn';

writeFileSync('script', '#!/bin/sh\nexit "$1"\n');
chmodSync('script', 0o755);
const ends = Array.from({ length: 60 }, (_, code) => once(spawn('./script', [code]), 'close'));
console.log(JSON.stringify(await Promise.all(ends)));
console.log(await once(spawn('sh', ['-c', 'kill -HUP $$']), 'close'));
console.log(spawn.sync('./script', [7]).status, spawn.sync('sh', ['-c', 'kill -INT $$']).signal);
console.log(spawn.sync('no-such-program').error.code);
const [error] = await once(spawn('no-such-program'), 'error');
console.log(error.code, error.path);
