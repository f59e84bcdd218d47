// Clients of a service over HTTP, while it ends.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

const clients = 6;

/** One request. Rejects if it, or its answer, does not come whole. */
export function ask(port, path, { host = '127.0.0.1', agent = new Agent(), body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request({ host, port, path, agent, method, headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, answer }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function askUntilRefused(port, path, options, expected) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let answered = 0; ; answered += 1) {
    try {
      assert.deepEqual(await ask(port, path, { ...options, agent }), { status: 200, answer: expected });
    } catch (error) {
      // Nothing was sent.
      if (error.code === 'ECONNREFUSED') return answered;
      throw error;
    }
  }
}

/**
 * All requests are answered: one of each client after the other, until nobody listens; and those under way, one to each host.
 * `options`: as for `ask`, and `hosts`.
 */
export async function losesNothing({ port, terminate }, [fast, slow], { hosts = ['127.0.0.1'], ...options } = {}) {
  const askFast = (host) => ask(port, fast.path, { ...options, host, body: fast.body });
  for (const host of hosts) assert.deepEqual(await askFast(host), { status: 200, answer: fast.answer });
  const underWay = hosts.map((host) => ask(port, slow.path, { ...options, host, body: slow.body }));
  const loads = Array.from({ length: clients }, (_, index) => {
    const host = hosts[index % hosts.length];
    return askUntilRefused(port, fast.path, { ...options, host, body: fast.body }, fast.answer);
  });
  const all = Promise.all([...underWay, ...loads]);
  // Behind it, the slow one has been accepted.
  for (const host of hosts) await askFast(host);
  const ended = terminate();
  const answers = await all;
  for (const answer of answers.splice(0, hosts.length)) assert.deepEqual(answer, { status: 200, answer: slow.answer });
  for (const count of answers) assert.ok(count > 0, 'each client was served');
  return ended;
}

/** Of a service that answers `fast` and `slow` at these paths. */
export const plain = [
  { path: '/fast', answer: 'fast' },
  { path: '/slow', answer: 'slow' },
];
