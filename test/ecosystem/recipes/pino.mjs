import { promisify } from 'node:util';

import pino from 'pino';

import { ready, start } from './common.mjs';

const shutdown = start();
const logger = pino(pino.transport({ target: 'pino/file', options: { destination: 'log', append: false } }));
// The recipe:
shutdown.add('log', () => promisify((done) => logger.flush(done))(), { stage: 'flush' });
// Its end.
for (let count = 0; count < 1000; count += 1) logger.info('while it ran');
shutdown.add('work', () => logger.info('while it ended'), { stage: 'release' });
ready();
