import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { canUnshare } from '../support/init.js';
import { type Container, ServiceFolder } from '../support/services.js';

const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../test/fixtures/init/${name}`, import.meta.url)), 'utf8');
const missing = ['nginx', 'redis-server', 'redis-cli'].filter((name) => spawnSync(name, ['-v']).error !== undefined);
const deadlineMs = 20_000;

function redis({ folder }: Container, ...command: readonly string[]): string {
  return execFileSync('redis-cli', ['-s', 'redis.sock', ...command], { cwd: folder.path, encoding: 'utf8' }).trim();
}

async function page({ folder }: Container): Promise<string> {
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    get({ socketPath: path.join(folder.path, 'web.sock'), agent: false }, resolve).on('error', reject);
  });
  return text(response);
}

async function untilPage(container: Container, content: string): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (let seen = ''; seen !== content; seen = await page(container)) {
    assert.ok(performance.now() < deadline, `nginx still says ${seen}`);
    await delay(2);
  }
}

/** By its number in there. */
async function kill(container: Container, pid: string): Promise<void> {
  execFileSync('nsenter', [`--target=${await container.pid()}`, '--pid', 'kill', '-KILL', pid]);
}

/** Processes that have been started in the folder. */
function left(folder: ServiceFolder): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === folder.path;
    } catch {
      return false;
    }
  });
}

describe('examples/custom-init.ts, as PID 1, with real services', () => {
  const folder = new ServiceFolder();
  folder.write('services.json', fixture('services-real.json'));
  folder.write('nginx.conf', fixture('services-nginx.conf'));

  it(`runs nginx and redis-server${missing.length === 0 ? '' : ` (skipped: no ${missing.join(', no ')})`}`, async function () {
    if (missing.length > 0 || !canUnshare) this.skip();
    await using container = folder.start();
    await container.lines('redis: ready', 'nginx: ready');
    assert.equal(await page(container), 'first');

    folder.write('nginx.conf', fixture('services-nginx.conf').replace('first', 'second'));
    await container.signal('SIGHUP');
    await untilPage(container, 'second');

    await kill(container, /^process_id:(\d+)/m.exec(redis(container, 'info', 'server'))?.[1] ?? '');
    await container.lines('redis: ended, SIGKILL', 'redis: ready');
    assert.equal(redis(container, 'set', 'key', 'value'), 'OK');

    // Its worker would keep the socket.
    await kill(container, folder.read('web.pid').trim());
    await container.lines('nginx: ended, SIGKILL', 'nginx: ready');
    assert.equal(await page(container), 'second');

    await container.signal('SIGTERM');
    const { code, stdout, stderr } = await container.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.match(/^\w+: ended.*$/gm)?.slice(-2), [
      'nginx: ended, exit code 0',
      'redis: ended, exit code 0',
    ]);
    assert.match(stderr, /signal 3 \(SIGQUIT\) received/);
    assert.doesNotMatch(stderr, /signal 15 /);
    assert.match(stdout, /DB saved on disk/);
    assert.deepEqual(left(folder), []);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => /sock|pid/.test(name)),
      [],
    );

    await using again = folder.start();
    await again.lines('nginx: ready');
    assert.equal(redis(again, 'get', 'key'), 'value');
    await again.signal('SIGTERM');
    assert.equal((await again.ended).code, 0);
  });
});
