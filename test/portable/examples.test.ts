import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { portables } from '../support/backends.js';
import { startChild } from '../support/child.js';
import { scratch } from '../support/init.js';
import { isRunning } from '../support/processes.js';
import { isRefused, RawClient } from '../support/raw-client.js';

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url));
// Those of the others need Linux: masks, values, the sender of a signal.
const others: Readonly<Record<string, string>> = {
  'cancel-work': 'the work has been cancelled',
  'die-of-the-signal': 'parent: exit code null, signal SIGTERM',
  'graceful-stop': 'the request is answered\nstopped',
  'reload-on-hangup': 'log level debug',
};

for (const { name, ...backend } of portables) {
  describe(`examples/service.ts as it stands, ${name}`, () => {
    it('starts, serves, and stops in order at SIGTERM: the request, the helper, itself by the signal', async () => {
      const file = path.join(mkdtempSync(path.join(scratch(), 'portable-')), 'service.json');
      writeFileSync(file, JSON.stringify({ port: 0, healthPort: 0, drainDelayMs: 50 }));
      const service = startChild(example('service'), { ...backend, args: [file] });
      const line = await service.line(/^process /);
      const [pid = 0, port = 0, healthPort = 0, helper = 0] = line.match(/\d+/g)?.map(Number) ?? [];
      assert.equal(isRunning(helper), true);
      const probe = await RawClient.connect(healthPort);
      probe.get('/readyz', 'Connection: close\r\n');
      assert.equal((await probe.response()).status, 200);
      const client = await RawClient.connect(port);
      client.socket.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf ');
      writeFileSync(file, JSON.stringify({ port: 0, healthPort: 0, drainDelayMs: 50, greeting: 'reloaded' }));
      process.kill(pid, 'SIGHUP');
      await service.line(/^reloaded: generation 1$/);
      process.kill(pid, 'SIGTERM');
      await service.line(/^draining$/);
      while (!(await isRefused(port)));
      client.socket.write('done');
      assert.match((await client.response()).body, /^reloaded: [0-9a-f]{64}\n$/);
      const { code, signal, stdout, stderr } = await service.ended;
      assert.deepEqual([code, signal, stderr], [null, 'SIGTERM', '']);
      assert.deepEqual(stdout.split('\n').slice(2), ['draining', 'stopping', 'exited', '']);
      assert.equal(isRunning(helper), false);
      client.socket.destroy();
      probe.socket.destroy();
    });
  });

  describe(`other examples as they stand, ${name}`, () => {
    for (const [file, last] of Object.entries(others)) {
      it(`${file} comes to its end`, async () => {
        const { code, stdout, stderr } = await startChild(example(file), backend).ended;
        assert.deepEqual([code, stderr], [0, '']);
        assert.ok(stdout.endsWith(`${last}\n`), stdout);
      });
    }
  });
}
