import { once } from 'node:events';
import { createServer } from 'node:http';

import { WebSocketServer } from 'ws';

import { closeServer, port, ready, start } from './common.mjs';

const shutdown = start();
const server = createServer((_request, response) => response.end('fast'));
// The recipe:
const wss = new WebSocketServer({ server });
shutdown.add('http', closeServer(server));
shutdown.add('ws', {
  'stop-accepting': () => wss.close(),
  drain: () => wss.clients.forEach((client) => client.close(1001)),
});
// Its end.
wss.on('connection', (client) => client.addEventListener('message', ({ data }) => client.send(data)));
await once(server.listen(port), 'listening');
ready(server);
