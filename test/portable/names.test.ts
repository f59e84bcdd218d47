import assert from 'node:assert/strict';

import { tableOf } from '../../lib/signals/signal-table.js';

// As os.constants.signals has them there, in part.
const macos = {
  SIGHUP: 1,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGBUS: 10,
  SIGSTOP: 17,
  SIGCONT: 19,
  SIGCHLD: 20,
  SIGIO: 23,
  SIGINFO: 29,
  SIGUSR1: 30,
};
const windows = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGILL: 4,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
  SIGBREAK: 21,
  SIGABRT: 22,
  SIGWINCH: 28,
};

describe('signals of other platforms', () => {
  for (const [platform, numbers, aliases] of [
    ['macOS', macos, { SIGIOT: 6 }],
    ['Windows', windows, {}],
  ] as const) {
    it(`have the numbers of ${platform}`, () => {
      const table = tableOf(numbers);
      const found = Object.fromEntries([...table.entries].map(([number, { name }]) => [name, number]));
      assert.deepEqual({ ...found, ...table.aliases }, numbers);
      assert.deepEqual(table.aliases, aliases);
    });
  }

  it('leave out what sigkit has no name for', () => {
    assert.equal(tableOf({ SIGHUP: 1, SIGTHAW: 33 }).entries.size, 1);
  });
});
