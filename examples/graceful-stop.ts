// A server that ends in order: on SIGTERM or SIGINT it takes no more connections and finishes what it has begun. The claim
// stays open meanwhile, so that a second signal does not cut it short.
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';

import { kill, signals } from 'sigkit';

const stop = signals(['SIGTERM', 'SIGINT']);
const server = createServer((_request, response) => {
  response.once('finish', () => console.log('the request is answered'));
  setTimeout(() => response.end(), 100);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

// For the example: a client, and a SIGTERM in the middle of its request.
const { port } = server.address() as AddressInfo;
get({ port, host: '127.0.0.1', agent: false }, (response) => response.resume());
server.once('request', () => kill(process.pid, 'SIGTERM'));

const { value: info } = await stop.next();
console.log(`${info?.signal} from process ${info?.pid}: no more connections`);
server.close();
await once(server, 'close');
stop.close();
console.log('stopped');

// Prints:
//   SIGTERM from process 4711: no more connections
//   the request is answered
//   stopped
