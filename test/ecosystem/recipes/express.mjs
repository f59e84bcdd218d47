import { once } from 'node:events';

import express from 'express';

import { closeServer, port, ready, slow, start } from './common.mjs';

const shutdown = start();
const work = slow(shutdown);
const app = express();
app.get('/fast', (_request, response) => response.send('fast'));
app.get('/slow', async (_request, response) => response.send(await work()));
// The recipe:
const server = app.listen(port);
shutdown.add('http', closeServer(server));
// Its end.
await once(server, 'listening');
ready(server);
