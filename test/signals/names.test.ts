import assert from 'node:assert/strict';
import { constants } from 'node:os';

import {
  type DefaultAction,
  describeSignal,
  isSignal,
  type Signal,
  signalFromText,
  signalName,
  signalNumber,
  validSignals,
} from 'sigkit';

const numbers = Array.from({ length: 64 }, (_, index) => index + 1);
// 34 with glibc, 35 with musl.
const first = signalNumber('SIGRTMIN');
const standard = numbers.slice(0, 31);
const realtime = numbers.slice(first - 1);

describe('names of signals', () => {
  it('each of the 64 numbers has one name, which leads back to it', () => {
    const names = numbers.map((number) => signalName(number));
    assert.equal(new Set(names).size, 64);
    assert.deepEqual(names.map(signalNumber), numbers);
    assert.deepEqual(names.map(signalName), names);
  });

  it("Node's own table agrees", () => {
    for (const [name, number] of Object.entries(constants.signals)) assert.equal(signalNumber(name as Signal), number);
    for (const number of standard) assert.ok(signalName(number) in constants.signals, signalName(number));
  });

  it('aliases are accepted and never reported', () => {
    const aliases = { SIGIOT: 'SIGABRT', SIGPOLL: 'SIGIO', SIGCLD: 'SIGCHLD', SIGUNUSED: 'SIGSYS' } as const;
    for (const [alias, name] of Object.entries(aliases)) {
      assert.equal(signalName(alias as Signal), name);
      assert.ok(!validSignals().has(alias as 'SIGABRT'));
    }
  });

  it('real-time signals count from both ends and are reported from the first', () => {
    const last = 64 - first;
    assert.ok(first === 34 || first === 35);
    for (const number of realtime) {
      assert.equal(signalNumber(`SIGRTMIN+${number - first}`), number);
      assert.equal(signalNumber(`SIGRTMAX-${64 - number}`), number);
    }
    assert.deepEqual(
      ['SIGRTMIN+0', `SIGRTMAX-${last}`, 'SIGRTMIN+3', `SIGRTMIN+${last}`, 'SIGRTMAX-0', 64].map((signal) =>
        signalName(signal as Signal),
      ),
      ['SIGRTMIN', 'SIGRTMIN', 'SIGRTMIN+3', 'SIGRTMAX', 'SIGRTMAX', 'SIGRTMAX'],
    );
  });

  it('what is close to a name is none', () => {
    const last = 64 - first;
    const beyond = [`SIGRTMIN+${last + 1}`, `SIGRTMAX-${last + 1}`, 'SIGRTMIN+99', 'SIGRTMIN+-1', 'SIGRTMIN-1'];
    const malformed = [
      'SIGRTMIN+',
      'SIGRTMIN+1.0',
      'SIGRTMIN+0x1',
      'SIGRTMAX+1',
      'SIGTERM ',
      'SIGTERM\n',
      'SIG15',
      '15',
    ];
    for (const name of [...beyond, ...malformed, 'constructor', '__proto__', 'all'])
      assert.throws(() => signalNumber(name as Signal), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }, name);
  });

  it('an error says what is allowed, what was got, and which name was probably meant', () => {
    const meant = { sigterm: 'SIGTERM', TERM: 'SIGTERM', hup: 'SIGHUP', 'rtmin+3': 'SIGRTMIN+3', sigcld: 'SIGCLD' };
    for (const [given, name] of Object.entries(meant)) {
      assert.throws(() => signalNumber(given as Signal), {
        code: 'ERR_OUT_OF_RANGE',
        message:
          `The value of "signal" is out of range. It must be a signal name such as 'SIGTERM' or 'SIGRTMIN+1', ` +
          `or an integer from 1 to 64 (did you mean '${name}'?). Received '${given}'`,
      });
    }
    assert.throws(
      () => signalNumber('SIGFOO' as Signal),
      ({ message }: Error) => !message.includes('mean'),
    );
    for (const given of [1.5, NaN, 0, 65])
      assert.throws(() => signalNumber(given), new RegExp(`integer from 1 to 64\\. Received ${given}$`));
    assert.throws(() => signalNumber(true as unknown as Signal), /Received type boolean \(true\)$/);
  });

  it("validSignals has all but libc's own in order, and is the caller's to change", () => {
    const valid = validSignals();
    assert.deepEqual([...valid], [...standard, ...realtime].map(signalName));
    assert.ok(valid.has('SIGKILL') && valid.has('SIGSTOP') && !valid.has('SIG32') && !valid.has('SIG33'));
    valid.clear();
    assert.equal(validSignals().size, standard.length + realtime.length);
  });
});

describe('descriptions of signals', () => {
  const described = numbers.map((number) => describeSignal(number));
  const namesWhere = (holds: (signal: (typeof described)[number]) => boolean): string[] =>
    described.filter(holds).map(({ signal }) => signal);

  it('number, name and real-time agree, by whichever name it is asked', () => {
    assert.deepEqual(
      described.map(({ number, signal }) => [number, signal]),
      numbers.map((number) => [number, signalName(number)]),
    );
    assert.deepEqual(
      namesWhere(({ realtime: is }) => is),
      realtime.map(signalName),
    );
    assert.deepEqual(describeSignal('SIGIOT'), describeSignal(6));
  });

  it('texts are those of strsignal', () => {
    const texts = ['Hangup', 'Interrupt', 'Quit', 'Illegal instruction', 'Trace/breakpoint trap', 'Aborted'];
    assert.deepEqual(
      described.slice(0, texts.length).map(({ description }) => description),
      texts,
    );
    assert.deepEqual(
      (['SIGTERM', 'SIGCHLD', 'SIGSTOP', 'SIGTSTP', 'SIGIO', 'SIGSYS', 'SIGRTMIN', 'SIGRTMIN+3'] as const).map(
        (signal) => describeSignal(signal).description,
      ),
      [
        'Terminated',
        'Child exited',
        'Stopped (signal)',
        'Stopped',
        'I/O possible',
        'Bad system call',
        'Real-time signal 0',
        'Real-time signal 3',
      ],
    );
    assert.equal(new Set(described.map(({ description }) => description)).size, 64);
  });

  it('default actions are those of signal(7)', () => {
    const byAction: Record<Exclude<DefaultAction, 'terminate'>, string[]> = {
      core: ['SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGXCPU', 'SIGXFSZ', 'SIGSYS'],
      ignore: ['SIGCHLD', 'SIGURG', 'SIGWINCH'],
      stop: ['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'],
      continue: ['SIGCONT'],
    };
    for (const [action, names] of Object.entries(byAction))
      assert.deepEqual(
        namesWhere(({ defaultAction }) => defaultAction === action),
        names,
      );
    const others = new Set(Object.values(byAction).flat());
    assert.deepEqual(
      namesWhere(({ defaultAction }) => defaultAction === 'terminate'),
      numbers.map(signalName).filter((name) => !others.has(name)),
    );
  });

  it('only KILL and STOP cannot be caught; what Node needs is told', () => {
    assert.deepEqual(
      namesWhere(({ catchable }) => !catchable),
      ['SIGKILL', 'SIGSTOP'],
    );
    for (const signal of ['SIGUSR1', 'SIGPROF', 'SIGCHLD', 'SIGPIPE', 'SIGSEGV', 'SIGINT', 'SIG33'] as const)
      assert.match(describeSignal(signal).usedByNode ?? '', /\w/, signal);
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMAX'] as const)
      assert.equal(describeSignal(signal).usedByNode, null, signal);
  });

  it('isSignal says what the functions take, and nothing else', () => {
    for (const number of numbers) assert.ok(isSignal(number) && isSignal(signalName(number)), String(number));
    for (const name of [...Object.keys(constants.signals), 'SIGCLD', 'SIGUNUSED', 'SIGRTMIN+0', 'SIGRTMAX-1'])
      assert.ok(isSignal(name), name);
    const none = [
      'term',
      'sigterm',
      'TERM',
      '15',
      '',
      ' SIGTERM',
      'SIGFOO',
      'SIGRTMIN+99',
      0,
      -1,
      65,
      1.5,
      NaN,
      Infinity,
    ];
    for (const value of [...none, 15n, null, undefined, true, ['SIGTERM'], Object('SIGTERM'), Symbol('SIGTERM')])
      assert.equal(isSignal(value), false, String(value));
  });

  it('signalFromText reads what people write: with and without SIG, in any case, by number', () => {
    for (const number of numbers) {
      const name = signalName(number);
      const short = name.slice(3).toLowerCase();
      for (const text of [name, name.toLowerCase(), name.slice(3), short, String(number), number, ` ${short}\n`])
        assert.equal(signalFromText(text), name, String(text));
    }
    for (const [text, name] of Object.entries({
      cld: 'SIGCHLD',
      SigPoll: 'SIGIO',
      'rtmin+3': 'SIGRTMIN+3',
      'SIGRTMAX-0': 'SIGRTMAX',
      rtmax: 'SIGRTMAX',
    }))
      assert.equal(signalFromText(text), name);
    const wrong = [
      '',
      ' ',
      'SIG',
      '0',
      '00',
      '65',
      '015',
      '+15',
      '-15',
      '1.5',
      '1e1',
      '0xf',
      'te rm',
      'SIG15',
      'SIGSIGTERM',
    ];
    for (const text of [...wrong, 'ſigterm', 'toString', 'rtmin-1', 'rtmin+99', 'SIGFOO', 0, 65, NaN])
      assert.throws(() => signalFromText(text), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }, String(text));
    for (const value of [null, undefined, 15n, ['term'], Object('term')])
      assert.throws(() => signalFromText(value as string), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  });
});
