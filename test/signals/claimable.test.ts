import assert from 'node:assert/strict';

import { refusalOf, toChangeable, toClaim } from '../../lib/signals/claimable.js';
import { nameOf, parseSignal } from '../../lib/signals/names.js';
import { maskOf, namesIn } from '../../lib/signals/signal-mask.js';

const numbers = Array.from({ length: 64 }, (_, index) => index + 1);
const outOfRange = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const unclaimable = { name: 'SigkitError', code: 'ERR_SIGKIT_UNCLAIMABLE' };

describe('claims', () => {
  const faults = ['SIGILL', 'SIGTRAP', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS'];
  const libcs = numbers.filter((number) => number >= 32 && number < parseSignal('SIGRTMIN', 'arg')).map(nameOf);

  it('what the kernel, libc or a faulting thread needs is refused with the reason; nothing else', () => {
    const reasons = new Map<string, RegExp>([
      ...['SIGKILL', 'SIGSTOP'].map((name) => [name, /kernel/] as const),
      ...libcs.map((name) => [name, /libc/] as const),
      ...faults.map((name) => [name, /fault/] as const),
    ]);
    for (const number of numbers) {
      const name = nameOf(number);
      const reason = reasons.get(name);
      if (reason === undefined) {
        assert.equal(refusalOf(number), null, name);
        assert.deepEqual(toClaim(number, 'arg'), maskOf([number]));
      } else {
        assert.match(refusalOf(number) ?? '', reason, name);
        for (const given of [number, ['SIGTERM', name]])
          assert.throws(() => toClaim(given, 'arg'), {
            ...unclaimable,
            message: `${name} cannot be claimed: ${refusalOf(number)}`,
          });
      }
    }
  });

  it("'all' is what can be claimed, but not the debugger's and the profiler's signal, which are to be named", () => {
    const claimable = numbers.filter((number) => refusalOf(number) === null).map(nameOf);
    assert.deepEqual(
      [...namesIn(toClaim('all', 'arg'))],
      claimable.filter((name) => name !== 'SIGUSR1' && name !== 'SIGPROF'),
    );
    assert.deepEqual([...namesIn(toClaim(['SIGUSR1', 'SIGPROF'], 'arg'))], ['SIGUSR1', 'SIGPROF']);
    assert.throws(() => toClaim(['all'], 'arg'), outOfRange);
  });

  it('SIGCHLD can be claimed, but not ignored or reset', () => {
    assert.deepEqual([...namesIn(toClaim('SIGCHLD', 'arg'))], ['SIGCHLD']);
    assert.throws(() => toChangeable(['SIGHUP', 'SIGCHLD'], 'arg'), {
      ...unclaimable,
      message: /SIGCHLD.*child_process/,
    });
    assert.throws(() => toChangeable('SIGKILL', 'arg'), unclaimable);
  });
});
