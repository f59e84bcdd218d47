import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';

import { native } from '../../../lib/base/native.js';
import { until } from '../../support/child.js';
import { RawClient } from '../../support/raw-client.js';

function fdOf(server: Server): number {
  return (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}

describe('a listener that ignores who asks for a connection', () => {
  const sockets: Socket[] = [];
  let server: Server;
  let port = 0;

  beforeEach(async () => {
    server = createServer((socket) => sockets.push(socket));
    await once(server.listen(0, '::'), 'listening');
    ({ port } = server.address() as AddressInfo);
  });

  afterEach(() => {
    server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('leaves the connections alone that there are, and is heard again when it ends', async () => {
    const before = await RawClient.connect(port);
    await until(() => sockets.length === 1, 'it is accepted');
    const kept = native().ignoreConnections(fdOf(server));
    assert.ok(kept >= 0);
    const begunAt = performance.now();
    const late = RawClient.connect(port);
    sockets[0]?.write('still there\n');
    assert.equal(await before.text('\n'), 'still there\n');
    assert.equal(native().closeIgnoringListener(kept), 0);
    // It asks again after the time-out of the first: a second, in RFC 6298.
    await late;
    assert.ok(performance.now() - begunAt > 500);
    const next = await RawClient.connect(port);
    await until(() => sockets.length === 3, 'both are accepted');
    next.socket.destroy();
  });

  it('is a TCP socket that listens', async () => {
    const noProtocol = -92;
    const badDescriptor = -9;
    const local = createServer();
    await once(local.listen(`${tmpdir()}/sigkit-listener-${process.pid}`), 'listening');
    assert.equal(native().ignoreConnections(fdOf(local)), noProtocol);
    local.close();
    await RawClient.connect(port);
    await until(() => sockets.length === 1, 'it is accepted');
    assert.equal(native().ignoreConnections(fdOf(sockets[0] as unknown as Server)), noProtocol);
    assert.equal(native().ignoreConnections(0x7fffffff), badDescriptor);
  });
});
