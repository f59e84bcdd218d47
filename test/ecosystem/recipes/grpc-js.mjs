import { promisify } from 'node:util';

import { Server, ServerCredentials } from '@grpc/grpc-js';

import { ready, slow, start } from './common.mjs';
import { definition } from './grpc-js.client.mjs';

const shutdown = start();
const work = slow(shutdown);
const server = new Server();
server.addService(definition, {
  fast: (_call, callback) => callback(null, 'fast'),
  slow: async (_call, callback) => callback(null, await work()),
});
// The recipe:
const drain = ({ signal }) => {
  signal.addEventListener('abort', () => server.forceShutdown());
  return promisify((done) => server.tryShutdown(done))();
};
shutdown.add('grpc', drain, { stage: 'drain', timeoutMs: 15_000 });
// Its end.
const bind = promisify((done) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), done));
const port = await bind();
ready({ address: () => ({ port }) });
