import * as Sentry from '@sentry/node-core/light';

import { collector, ready, start } from './common.mjs';

Sentry.init({ dsn: collector.replace('http://', 'http://key@') + '/1' });
const shutdown = start();
// The recipe:
shutdown.add('sentry', () => Sentry.close(2000), { stage: 'flush' });
// Its end.
shutdown.add('database', () => Sentry.captureMessage('while it ended'));
Sentry.captureMessage('while it ran');
ready();
