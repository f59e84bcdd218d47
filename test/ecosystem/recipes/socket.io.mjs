import { once } from 'node:events';
import { createServer } from 'node:http';

import { Server } from 'socket.io';

import { closeServer, port, ready, start } from './common.mjs';

const shutdown = start();
const server = createServer((_request, response) => response.end('fast'));
// The recipe:
const io = new Server(server);
shutdown.add('http', closeServer(server));
shutdown.add('socket.io', () => io.engine.close(), { stage: 'drain' });
// Its end.
io.on('connection', (socket) => socket.on('ask', (number, answer) => answer(`got ${number}`)));
await once(server.listen(port), 'listening');
ready(server);
