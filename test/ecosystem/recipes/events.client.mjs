// What must arrive: streams end, whole.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';

/** Once its first event has come. `whole` rejects if it is cut off. */
async function open(port) {
  const [response] = await once(get({ host: '127.0.0.1', port }), 'response');
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
  const { value: first } = await chunks.next();
  const rest = async () => {
    let text = first;
    for await (const chunk of chunks) text += chunk;
    return text;
  };
  return { whole: rest() };
}

export async function drive({ port, terminate }) {
  const streams = await Promise.all([open(port), open(port), open(port)]);
  const ended = terminate();
  const texts = await Promise.all(streams.map(({ whole }) => whole));
  for (const text of texts) assert.equal(text, 'data: hello\n\ndata: bye\n\n');
  return ended;
}
