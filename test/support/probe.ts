import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../../../test/fixtures/probe/', import.meta.url));
const strict = ['-D_GNU_SOURCE', '-O1', '-g', '-Wall', '-Wextra', '-Werror'];

/** The probe is built for a suite, whose scenarios load it (test/fixtures/probe/index.ts). */
export function withProbe(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-probe-'));
  before(() => {
    const library = path.join(folder, 'probe.node');
    const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
    const shared = ['-shared', '-fPIC', '-pthread', '-fvisibility=hidden'];
    execFileSync('gcc', [...strict, ...shared, '-o', library, ...files.map((name) => sources + name)]);
    process.env['SIGKIT_TEST_PROBE'] = library;
    // LeakSanitizer's tracer falls over what the probe does to threads.
    process.env['SIGKIT_DETECT_LEAKS'] = '0';
  });
  after(() => {
    delete process.env['SIGKIT_TEST_PROBE'];
    delete process.env['SIGKIT_DETECT_LEAKS'];
    rmSync(folder, { recursive: true });
  });
}
