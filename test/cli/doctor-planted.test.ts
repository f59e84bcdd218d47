import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Outcome } from '../support/child.js';
import { doctor, Queue, type Told } from '../support/doctor.js';
import { long, run } from '../support/init.js';

// Services whose faults were planted by somebody who had not seen the rules, and sound ones of the same hand.
const fixtures = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url));

// What tells is tried; all of it if there is time.
const faulty: Readonly<Record<string, readonly [options: string, rule: string]>> = {
  'close-all': ['--try load', 'requests-lost'],
  'cut-report': ['--try term', 'output-cut'],
  'entry-trap': ['--try term --grace 1s', 'term-ignored'],
  'grace-sum': ['--lint', 'short-grace'],
  'half-started': ['--try term,start --grace 2s', 'start-ignored'],
  'metrics-interval': ['--try term --grace 2s', 'term-late'],
  'pid-file': ['--try term', 'lock-left'],
  'ready-body': ['--try load', 'ready-while-draining'],
  'second-signal': ['--try twice', 'twice-crashes'],
  'shell-pipeline': ['--try term', 'children-left'],
};
const sound: Readonly<Record<string, string>> = {
  cluster: '--try load',
  'dies-of-signal': '--try term,pid1',
  'entry-exec': '--try term',
  'ignores-hangup': '--try hup',
  'npm-exec': '--try npm',
  'plain-http': '--try load',
  'shell-wait': '--try term',
  'sigkit-shutdown': '--try load',
  'slow-drain': '--try load',
  'with-child': '--try term',
};

function start(folder: string, options: string): Promise<Outcome> {
  const cwd = `${fixtures}${folder}`;
  const { command } = JSON.parse(readFileSync(`${cwd}/expect.json`, 'utf8')) as { readonly command: readonly string[] };
  return run(options === '--lint' ? doctor(options) : doctor(options, ...command), { cwd });
}

const all = (options: string): string => (long ? options.replace(/--try \S+ ?/, '') : options);

describe('sigkit doctor, of services of somebody else', () => {
  const queue = new Queue();
  const outcomes = new Map<string, Promise<Outcome>>();
  before(() => {
    for (const [name, [options]] of Object.entries(faulty))
      outcomes.set(
        name,
        queue.add(() => start(`planted/${name}`, all(options))),
      );
    for (const [name, options] of Object.entries(sound))
      outcomes.set(
        name,
        queue.add(() => start(`sound/${name}`, all(options))),
      );
  });

  async function told(outcome: Promise<Outcome> = assert.fail()): Promise<readonly string[]> {
    const { code, stdout, stderr } = await outcome;
    const rules = (JSON.parse(stdout) as Told).findings.map(({ rule }) => rule);
    assert.deepEqual([code, stderr], [rules.length === 0 ? 0 : 1, ''], stdout);
    return rules;
  }

  for (const [name, [options, rule]] of Object.entries(faulty))
    it(`${name}: ${rule}`, async () => {
      let rules = await told(outcomes.get(name));
      // A machine that is busy for as long as a request takes: all are answered before the service hears of the signal.
      for (let more = 0; rule === 'requests-lost' && rules.length === 0 && more < 5; more += 1)
        rules = await told(start(`planted/${name}`, options));
      assert.ok(rules.includes(rule), rules.join());
    });

  for (const name of Object.keys(sound))
    it(`${name}: nothing found`, async () => {
      assert.deepEqual(await told(outcomes.get(name)), []);
    });
});
