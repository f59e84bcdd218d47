import { once } from 'node:events';
import { createServer } from 'node:http';

import { Counter, Pushgateway, register } from 'prom-client';

import { closeResource, collector, port, ready, start } from './common.mjs';

const shutdown = start();
const orders = new Counter({ name: 'orders', help: 'orders that have come' });
orders.inc(3);
let onScraped;
const scraped = new Promise((resolve) => (onScraped = resolve));
const gateway = new Pushgateway(collector);
const metrics = createServer(async (_request, response) => {
  response.end(`${shutdown.state}\n${await register.metrics()}`);
  if (shutdown.state === 'draining') onScraped();
});
// The recipe:
shutdown.add('push', () => gateway.pushAdd({ jobName: 'service' }), { stage: 'flush' });
shutdown.add('metrics', closeResource(metrics), { stage: 'flush', timeoutMs: 1000 });
// Its end.
shutdown.add('a request that takes long', () => scraped, { stage: 'drain' });
shutdown.add('the last order', () => orders.inc(), { stage: 'release' });
await once(metrics.listen(port), 'listening');
ready(metrics);
