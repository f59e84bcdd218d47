// What must arrive: clients are answered, then closed with 1001.
import assert from 'node:assert/strict';
import { once } from 'node:events';

import WebSocket from 'ws';

export async function drive({ port, terminate }) {
  const clients = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = new WebSocket(`ws://127.0.0.1:${port}`);
      const closed = once(client, 'close');
      await once(client, 'open');
      const answers = [];
      client.addEventListener('message', ({ data }) => answers.push(data));
      client.send('1');
      await once(client, 'message');
      return { client, closed, answers };
    }),
  );
  // Sent before the signal, so it comes before the end.
  for (const { client } of clients) client.send('2');
  for (const { client, answers } of clients) while (answers.length < 2) await once(client, 'message');
  const ended = terminate();
  for (const { closed, answers } of clients) {
    const [code] = await closed;
    assert.deepEqual({ code, answers }, { code: 1001, answers: ['1', '2'] });
  }
  return ended;
}
