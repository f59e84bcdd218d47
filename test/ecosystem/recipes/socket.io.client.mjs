// What must arrive: clients of both kinds are answered, then told, and would come again.
import assert from 'node:assert/strict';

import { io } from 'socket.io-client';

/** Whether it would make another connection when this one has ended. */
const endOf = (client) => new Promise((resolve) => client.on('disconnect', () => resolve(client.active)));

export async function drive({ port, terminate }) {
  const transports = ['websocket', 'websocket', 'polling', 'polling'];
  const clients = transports.map((transport) =>
    io(`http://127.0.0.1:${port}`, { transports: [transport], reconnectionDelay: 30_000 }),
  );
  try {
    const ends = clients.map(endOf);
    for (const client of clients) assert.equal(await client.emitWithAck('ask', 1), 'got 1');
    const outcome = await terminate();
    assert.deepEqual(await Promise.all(ends), [true, true, true, true]);
    return outcome;
  } finally {
    for (const client of clients) client.close();
  }
}
