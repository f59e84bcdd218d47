import assert from 'node:assert/strict';

import { alike, program } from './support/beside.js';
import { needs } from './support/installed.js';

describe('node-pty beside sigkit', () => {
  needs('node-pty', 'build/Release/pty.node');

  for (const [way, what] of Object.entries({
    codes: 'exit codes of terminals come as without it',
    killed: 'terminals are ended by signals as without it',
    talk: 'a terminal has its size, and is written to and read',
    signalled: 'Ctrl-C and kill() end what runs in a terminal, though these signals are claimed',
  })) {
    it(what, async () => {
      const { code, stdout, stderr } = await alike(program('node-pty.mjs'), { args: [way], orphans: 0 });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout);
    });
  }
});
