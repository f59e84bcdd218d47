import assert from 'node:assert/strict';
import { runInThisContext } from 'node:vm';

import { captureStacks, type StackFrame } from 'sigkit/diagnostics';

import { framesIn } from '../../lib/diagnostics/frames.js';

type Captured = (by: typeof captureStacks) => ReturnType<typeof captureStacks>;

// Of a function that the code has, a call of which captures.
function frameOf(name: string, code: string, filename: string): StackFrame | undefined {
  const [stack] = (runInThisContext(code, { filename }) as Captured)(captureStacks);
  return stack?.frames.find((frame) => frame.function === name);
}

describe('the frames of captureStacks', () => {
  for (const [line, frame] of [
    ['run (/srv/a.js:3:7)', { function: 'run', file: '/srv/a.js', line: 3, column: 7, native: false }],
    ['/srv/a.js:3:7', { function: null, file: '/srv/a.js', line: 3, column: 7, native: false }],
    ['async /srv/a.js:3:7', { function: null, file: '/srv/a.js', line: 3, column: 7, native: false }],
    ['f (/srv/copy (2).js:3:7)', { function: 'f', file: '/srv/copy (2).js', line: 3, column: 7, native: false }],
    ['f (/srv/a)b(.js:3:7)', { function: 'f', file: '/srv/a)b(.js', line: 3, column: 7, native: false }],
    ['f (/srv/1).js:3:7)', { function: 'f', file: '/srv/1).js', line: 3, column: 7, native: false }],
    ['a (b) (/srv/a.js:3:7)', { function: 'a (b)', file: '/srv/a.js', line: 3, column: 7, native: false }],
    ['a (b (/srv/a.js:3:7)', { function: 'a (b', file: '/srv/a.js', line: 3, column: 7, native: false }],
    [
      'async Promise.all (index 2)',
      { function: 'async Promise.all', file: null, line: null, column: null, native: true },
    ],
    ['Array.sort (<anonymous>)', { function: 'Array.sort', file: null, line: null, column: null, native: true }],
  ] as const) {
    it(line, () => assert.deepEqual(framesIn(`${line}\n`).frames, [frame]));
  }

  it('of code that eval runs, where that has been called', () => {
    const frame = frameOf('inner', '(by) => eval("(function inner() { return by(); })()")', 'evaluates.js');
    assert.match(frame?.file ?? '', /^eval at .*\(evaluates\.js:1:\d+\), <anonymous>$/);
    assert.equal(frame?.line, 1);
  });

  it('of a file and a function whose names are not ASCII', () => {
    const frame = frameOf('größe', '(by) => (function größe() { return by(); })()', '/srv/café.js');
    assert.equal(frame?.file, '/srv/café.js');
  });
});
