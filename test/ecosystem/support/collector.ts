import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A request that has come. */
export interface Collected {
  readonly path: string;
  readonly body: string;
}

/** Takes what is sent to it: events of Sentry, spans and metrics, what is pushed. */
export interface Collector extends Disposable {
  readonly url: string;
  readonly collected: readonly Collected[];
}

export async function openCollector(): Promise<Collector> {
  const collected: Collected[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bytes = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    collected.push({ path: request.url ?? '', body: body.toString() });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  // Half a request is a loss, which its test finds.
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    collected,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
