import winston from 'winston';

import { closeResource, ready, start } from './common.mjs';

const shutdown = start();
const logger = winston.createLogger({ transports: [new winston.transports.File({ filename: 'log' })] });
// The recipe:
shutdown.add('log', closeResource(logger), { stage: 'flush' });
// Its end.
for (let count = 0; count < 1000; count += 1) logger.info('while it ran');
shutdown.add('work', () => logger.info('while it ended'), { stage: 'release' });
ready();
