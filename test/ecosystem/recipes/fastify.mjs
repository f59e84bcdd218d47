import Fastify from 'fastify';

import { closeServer, port, ready, slow, start } from './common.mjs';

const shutdown = start();
const work = slow(shutdown);
const app = Fastify();
app.get('/fast', async () => 'fast');
app.get('/slow', work);
app.addHook('preClose', async () => console.log('preClose'));
app.addHook('onClose', async () => console.log('onClose'));
// The recipe:
shutdown.add('http', closeServer(app.server));
shutdown.add('fastify', () => app.close());
await app.listen({ port, host: '127.0.0.1' });
// Its end.
ready(app.server);
