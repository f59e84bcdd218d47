import { once } from 'node:events';
import { createServer } from 'node:http';

import { closeServer, port, ready, start } from './common.mjs';

const shutdown = start();
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: hello\n\n');
  serve(response);
});
// The recipe:
const streams = new Set();
shutdown.add('events', () => streams.forEach((response) => response.end('data: bye\n\n')), { stage: 'drain' });
shutdown.add('http', closeServer(server));

function serve(response) {
  if (shutdown.state !== 'running') return response.end();
  streams.add(response);
  response.on('close', () => streams.delete(response));
}
// Its end.
await once(server.listen(port), 'listening');
ready(server);
