// What must arrive: calls are answered.
import assert from 'node:assert/strict';

import { credentials, makeClientConstructor, status } from '@grpc/grpc-js';

const [encode, decode] = [(value) => Buffer.from(JSON.stringify(value)), (bytes) => JSON.parse(bytes.toString())];
const method = (name) => ({
  path: `/test.Service/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
});
export const definition = { fast: method('fast'), slow: method('slow') };
const Client = makeClientConstructor(definition, 'Service');

const call = (client, name) =>
  new Promise((resolve, reject) =>
    client[name]({}, (error, answer) => (error === null ? resolve(answer) : reject(error))),
  );

async function callUntilRefused(client) {
  for (let answered = 0; ; answered += 1) {
    try {
      assert.equal(await call(client, 'fast'), 'fast');
    } catch (error) {
      // Nothing was sent: nobody listens any more.
      if (error.code === status.UNAVAILABLE && /ECONNREFUSED/.test(error.message)) return answered;
      throw error;
    }
  }
}

export async function drive({ port, terminate }) {
  const clients = Array.from(
    { length: 4 },
    () => new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }),
  );
  try {
    const loads = clients.map(callUntilRefused);
    const underWay = clients.map((client) => call(client, 'slow'));
    const all = Promise.all([...underWay, ...loads]);
    await Promise.all(clients.map((client) => call(client, 'fast')));
    const ended = terminate();
    const answers = await all;
    assert.deepEqual(answers.splice(0, clients.length), ['slow', 'slow', 'slow', 'slow']);
    for (const answered of answers) assert.ok(answered > 0);
    return await ended;
  } finally {
    for (const client of clients) client.close();
  }
}
