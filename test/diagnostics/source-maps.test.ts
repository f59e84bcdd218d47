import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { ThreadStack } from 'sigkit/diagnostics';

import { startChild } from '../support/child.js';
import { scenario } from '../support/scenario.js';

const hung = fileURLToPath(new URL('../fixtures/diagnostics/hung.js', import.meta.url));
const source = fileURLToPath(new URL('../../../test/fixtures/diagnostics/hung.ts', import.meta.url));

describe('source maps', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sigkit-maps-'));
  });
  after(() => {
    delete process.env['SIGKIT_TEST_HANGS'];
    delete process.env['SIGKIT_TEST_WANTED'];
    rmSync(folder, { recursive: true });
  });

  for (const who of ['main', 'worker'] as const) {
    it(`with --enable-source-maps frames are in the source: a ${who} thread that hangs`, async () => {
      const nodeOptions = ['--enable-source-maps'];
      const { stdout, stderr } = await startChild(hung, { args: ['loop', who, folder], nodeOptions }).ended;
      assert.notEqual(stdout, '', stderr);
      const frame = (JSON.parse(stdout) as ThreadStack).frames.find((one) => one.function === 'hangNow');
      assert.equal(frame?.file, pathToFileURL(source).href);
      const line = readFileSync(source, 'utf8').split('\n')[(frame.line ?? 0) - 1];
      assert.match(line ?? '', /hangs\[kind\]\?\.\(flag\)/);
    });
  }

  // The first two lines of what runs are lines 11 and 21 of the source.
  const mappings = 'AAUA;AAUA';
  const code = 'export function hangHere(flag) {\nwhile (Atomics.load(flag, 0) === 0); }\n';
  for (const [kind, wanted] of [
    ['inline', ['original.ts', 21]],
    ['beside', ['original.ts', 21]],
    ['broken', ['broken.mjs', 2]],
    ['missing', ['missing.mjs', 2]],
  ] as const) {
    it(`of a file that only another thread has loaded, its map ${kind}`, async () => {
      const file = path.join(folder, `${kind}.mjs`);
      const map = JSON.stringify({ version: 3, sources: ['original.ts'], names: [], mappings });
      const inline = `data:application/json;base64,${Buffer.from(kind === 'broken' ? '{' : map).toString('base64')}`;
      const isInline = kind === 'inline' || kind === 'broken';
      writeFileSync(file, `${code}//# sourceMappingURL=${isInline ? inline : `${kind}.mjs.map`}\n`);
      if (kind === 'beside') writeFileSync(`${file}.map`, map);
      process.env['SIGKIT_TEST_HANGS'] = pathToFileURL(file).href;
      process.env['SIGKIT_TEST_WANTED'] = JSON.stringify(wanted);
      await scenario(
        async ({ diagnostics, startWorker, until }) => {
          const url = process.env['SIGKIT_TEST_HANGS'] ?? '';
          const [name, line] = JSON.parse(process.env['SIGKIT_TEST_WANTED'] ?? '') as [string, number];
          const flag = new Int32Array(new SharedArrayBuffer(4));
          const worker = await startWorker(async ({ importCopy, workerThreads: { parentPort } }) => {
            const module = (await importCopy(process.env['SIGKIT_TEST_HANGS'] ?? '')) as unknown as Record<
              string,
              (shared: Int32Array) => void
            >;
            parentPort?.on('message', (shared: Int32Array) => module['hangHere']?.(shared));
          });
          worker.postMessage(flag);
          let found: { file: string | null; line: number | null } | undefined;
          await until(() => {
            const [, other] = diagnostics.captureStacks();
            found = other?.frames.find((frame) => frame.function?.endsWith('hangHere'));
            return found?.line !== undefined && found.line !== 1 && found.line !== 11;
          }, 'its frame');
          assert.deepEqual([found?.file, found?.line], [new URL(name, url).href, line]);
          Atomics.store(flag, 0, 1);
          await worker.terminate();
        },
        { nodeOptions: ['--enable-source-maps'] },
      );
    });
  }
});
