import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { signalName } from 'sigkit';
import { decodeWaitStatus, type WaitStatus } from 'sigkit/process';

import { needPython } from '../fixtures/process/means.js';

const nothing: WaitStatus = {
  exited: false,
  exitCode: null,
  signaled: false,
  termSignal: null,
  coreDumped: false,
  stopped: false,
  stopSignal: null,
  continued: false,
  raw: 0,
};

function nameOf(number: number): string | null {
  return number >= 1 && number <= 64 ? signalName(number) : null;
}

describe('decodeWaitStatus', () => {
  it("takes the kernel's own values apart", () => {
    const expected: readonly (readonly [number, Partial<WaitStatus>])[] = [
      [0x0000, { exited: true, exitCode: 0 }],
      [0x2a00, { exited: true, exitCode: 42 }],
      [0xff00, { exited: true, exitCode: 255 }],
      [0x000f, { signaled: true, termSignal: 'SIGTERM' }],
      [0x0009, { signaled: true, termSignal: 'SIGKILL' }],
      [0x0022, { signaled: true, termSignal: signalName(34) }],
      [0x0040, { signaled: true, termSignal: 'SIGRTMAX' }],
      [0x008b, { signaled: true, termSignal: 'SIGSEGV', coreDumped: true }],
      [0x0086, { signaled: true, termSignal: 'SIGABRT', coreDumped: true }],
      [0x137f, { stopped: true, stopSignal: 'SIGSTOP' }],
      [0x147f, { stopped: true, stopSignal: 'SIGTSTP' }],
      [0x857f, { stopped: true, stopSignal: 'SIGTRAP' }],
      [0xffff, { continued: true }],
    ];
    for (const [raw, status] of expected)
      assert.deepEqual(decodeWaitStatus(raw), { ...nothing, raw, ...status }, `0x${raw.toString(16)}`);
  });

  it('agrees on all 65,536 values with the macros of libc, as python3 has them', function () {
    needPython(this);
    const macros = 'WIFEXITED WEXITSTATUS WIFSIGNALED WTERMSIG WCOREDUMP WIFSTOPPED WSTOPSIG WIFCONTINUED';
    const code = `import os
macros = [getattr(os, name) for name in '${macros}'.split()]
print('\\n'.join(' '.join(str(int(macro(status))) for macro in macros) for status in range(65536)))`;
    const lines = execFileSync('python3', ['-c', code], { encoding: 'utf8', maxBuffer: 2 ** 24 })
      .trim()
      .split('\n');
    assert.equal(lines.length, 65_536);
    for (const [raw, line] of lines.entries()) {
      const [exited, exitCode, signaled, termSignal, core, stopped, stopSignal = 0, continued] = line
        .split(' ')
        .map(Number);
      assert.deepEqual(
        decodeWaitStatus(raw),
        {
          exited: exited === 1,
          exitCode: exited === 1 ? exitCode : null,
          signaled: signaled === 1,
          termSignal: signaled === 1 ? nameOf(termSignal ?? 0) : null,
          coreDumped: signaled === 1 && core === 1,
          stopped: stopped === 1,
          // The upper bit is a tracer's mark (PTRACE_O_TRACESYSGOOD).
          stopSignal: stopped === 1 ? nameOf(stopSignal & 0x7f) : null,
          continued: continued === 1,
          raw,
        },
        `0x${raw.toString(16)}`,
      );
    }
  });
});
