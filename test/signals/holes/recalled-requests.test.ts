import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { scratch } from '../../support/init.js';

const inRepository = (name: string): string => fileURLToPath(new URL(`../../../../${name}`, import.meta.url));
const parts = ['mask_edit', 'context_mask', 'handler_stack', 'futex', 'syscalls'];

describe('a request to a thread that has been recalled', () => {
  const program = path.join(scratch(), 'late-handler');

  before(() => {
    const sources = parts.map((name) => inRepository(`native/posix/${name}.cc`));
    const options = ['-std=c++20', '-Wall', '-Wextra', '-Werror', `-I${inRepository('native')}`, '-o', program];
    execFileSync('g++', [...options, inRepository('test/fixtures/late-handler.cc'), ...sources]);
  });

  it('ends in the handler of who had taken its signal just before, and not by killing the process', () => {
    execFileSync(program);
  });
});
