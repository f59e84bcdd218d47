import dns from 'node:dns';

import Fastify from 'fastify';

import { closeServer, port, ready, slow, start } from './common.mjs';

// `localhost` is both on most machines, and Fastify asks for all.
const both = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
const { lookup } = dns;
dns.lookup = (name, options, ...rest) =>
  name === 'localhost' && options.all === true ? rest[0](null, both) : lookup(name, options, ...rest);

const shutdown = start();
const work = slow(shutdown);
const app = Fastify();
app.get('/fast', async () => 'fast');
app.get('/slow', work);
app.addHook('preClose', async () => console.log('preClose'));
app.addHook('onClose', async () => console.log('onClose'));
// The recipe:
shutdown.add('http', closeServer(app));
shutdown.add('fastify', () => app.close());
await app.listen({ port });
// Its end.
ready(app.server);
