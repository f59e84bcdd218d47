// What must arrive: clients of both kinds are answered, then told, and would come again.
import assert from 'node:assert/strict';

import { io } from 'socket.io-client';

/** With what its connection ends, and whether it would make another. */
const endOf = (client) =>
  new Promise((resolve) => client.on('disconnect', (reason) => resolve({ reason, again: client.active })));

export async function drive({ port, terminate }) {
  const transports = ['websocket', 'websocket', 'polling', 'polling'];
  const clients = transports.map((transport) =>
    io(`http://127.0.0.1:${port}`, { transports: [transport], reconnectionDelay: 30_000 }),
  );
  try {
    const ends = clients.map(endOf);
    for (const client of clients) assert.equal(await client.emitWithAck('ask', 1), 'got 1');
    const outcome = await terminate();
    // To a client that polls and is not told, the end is an error.
    assert.deepEqual(
      await Promise.all(ends),
      Array(transports.length).fill({ reason: 'transport close', again: true }),
    );
    return outcome;
  } finally {
    for (const client of clients) client.close();
  }
}
