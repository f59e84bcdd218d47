// What must arrive: clients of both kinds are answered, then told, and would come again.
import assert from 'node:assert/strict';

import { io } from 'socket.io-client';

export async function drive({ port, terminate }) {
  const clients = await Promise.all(
    ['websocket', 'websocket', 'polling', 'polling'].map(async (transport) => {
      const client = io(`http://127.0.0.1:${port}`, { transports: [transport], reconnectionDelay: 30_000 });
      const closed = new Promise((resolve) =>
        client.on('disconnect', (reason) => resolve({ reason, again: client.active })),
      );
      assert.equal(await client.emitWithAck('ask', 1), 'got 1');
      return { client, closed };
    }),
  );
  const ended = terminate();
  for (const { client, closed } of clients) {
    assert.deepEqual(await closed, { reason: 'transport close', again: true });
    client.close();
  }
  return ended;
}
