import assert from 'node:assert/strict';
import { once } from 'node:events';

import { need, needNoSanitizer, needPython } from './fixtures/process/means.js';
import { faults } from './support/faults.js';
import { type Line, linesOfRunbooks, missingOf, run, startShell } from './support/runbooks.js';

const sections = [
  'A signal got lost',
  'It does not stop',
  'It stops too early',
  'Zombies',
  'It hangs',
  'Too many descriptors',
  'Children left behind',
];

// What a machine may lack or forbid: how to find out, and what it is.
const attached = (command: string, status: number): string =>
  `sleep 9 & p=$!; ${command}; s=$?; kill $p; test $s = ${status}`;
// A filter of the kernel's knows nothing of pid namespaces.
const traced =
  'sleep 9 & p=$!; perf trace -a --no-syscalls -e signal:signal_generate --filter "pid==$p" kill $p 2>&1 | grep -q "generate(sig"';
const means: readonly (readonly [tool: RegExp, probe: string, what: string])[] = [
  [/\bstrace /, attached('timeout 0.3 strace -qq -o /dev/null -p $p', 124), 'a strace that may attach'],
  [/\bgdb /, attached('gdb -nx -batch -p $p -ex detach', 0), 'a gdb that may attach'],
  [/\bperf trace /, traced, 'a perf that may trace, and a pid that is the same on the host'],
  [/\bperf record /, 'perf record -q -o /dev/null true', 'a perf that may sample'],
  [/\bss /, 'ss -Htn', 'ss'],
  [/\blsof /, 'lsof -v', 'lsof'],
  [/\bpstree /, 'pstree $$', 'pstree'],
  [/\bprlimit /, 'prlimit --pid $$', 'prlimit'],
  [/\b(?:ps|pgrep|tail) /, 'ps -p $$ && pgrep -V && tail --version', 'ps, pgrep and tail'],
];

const lines = linesOfRunbooks();
const lanesAtOnce = 8;
const tries = 3;

type Result = { readonly lacks: string } | { readonly output: string; readonly missing: readonly string[] };
const probes = new Map<string, Promise<boolean>>();

async function works(probe: string): Promise<boolean> {
  const child = startShell(probe);
  child.stdout?.resume();
  child.stderr?.resume();
  return (await once(child, 'close'))[0] === 0;
}

async function lackedBy({ text }: Line): Promise<string | undefined> {
  for (const [tool, probe, what] of means) {
    if (!tool.test(text)) continue;
    if (!probes.has(probe)) probes.set(probe, works(probe));
    if (!(await probes.get(probe))) return what;
  }
  return undefined;
}

// A state may be seen as it changes, or a process be late to be looked at.
async function resultOf(line: Line): Promise<Result> {
  const lacks = await lackedBy(line);
  if (lacks !== undefined) return { lacks };
  for (let count = 1; ; count += 1) {
    const output = await run(line, count === 1);
    const missing = missingOf(line.shown, output);
    if (missing.length === 0 || count === tries) return { output, missing };
  }
}

describe('the runbooks', () => {
  const results = new Map<Line, Promise<Result>>();

  // Side by side, as most of them wait.
  before(function () {
    needNoSanitizer(this);
    needPython(this);
    const lanes = Array.from({ length: lanesAtOnce }, () => Promise.resolve());
    for (const [at, line] of lines.entries()) {
      const lane = at % lanesAtOnce;
      const result = (lanes[lane] ?? Promise.resolve()).then(async () => resultOf(line));
      results.set(line, result);
      lanes[lane] = result.then(
        () => {},
        () => {},
      );
    }
  });

  it('have these sections, and a fault for each command line', () => {
    assert.deepEqual([...new Set(lines.map(({ section }) => section))], sections);
    assert.deepEqual([...new Set(lines.map(({ fault }) => fault))].sort(), [...faults].sort());
  });

  for (const line of lines)
    it(`${line.section}: ${line.text} (${line.fault})`, async function () {
      const result = (await results.get(line)) ?? assert.fail();
      if ('lacks' in result) return need(this, false, result.lacks);
      assert.deepEqual(result.missing, [], result.output);
    });
});
