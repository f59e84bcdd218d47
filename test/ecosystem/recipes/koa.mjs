import { once } from 'node:events';

import Koa from 'koa';

import { closeServer, port, ready, slow, start } from './common.mjs';

const shutdown = start();
const work = slow(shutdown);
const app = new Koa();
app.use(async (context) => {
  context.body = context.path === '/slow' ? await work() : 'fast';
});
// The recipe:
const server = app.listen(port);
shutdown.add('http', closeServer(server));
// Its end.
await once(server, 'listening');
ready(server);
