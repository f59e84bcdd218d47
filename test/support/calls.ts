import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../../test/fixtures/diagnostics/calls.c', import.meta.url));

/** test/fixtures/diagnostics/calls.c is built for a suite. */
export function withCalls(): void {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'sigkit-calls-')));
  before(() => {
    const library = path.join(folder, 'calls.node');
    const options = ['-O1', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-pthread', '-fvisibility=hidden'];
    execFileSync('gcc', [...options, '-o', library, source]);
    process.env['SIGKIT_TEST_CALLS'] = library;
  });
  after(() => {
    delete process.env['SIGKIT_TEST_CALLS'];
    rmSync(folder, { recursive: true });
  });
}

export function hasMusl(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
