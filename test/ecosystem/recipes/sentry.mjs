import * as Sentry from '@sentry/node-core/light';

import { collector, createShutdown, ready } from './common.mjs';

Sentry.init({ dsn: collector.replace('http://', 'http://key@') + '/1' });
// The recipe:
const shutdown = createShutdown({
  report: async ({ hooks }) => {
    for (const { name, error } of hooks) if (error) Sentry.captureException(error, { tags: { hook: name } });
    await Sentry.close(2000);
  },
});
// Its end.
shutdown.add('database', () => Promise.reject(new Error('the database is stuck')));
Sentry.captureMessage('while it ran');
ready();
