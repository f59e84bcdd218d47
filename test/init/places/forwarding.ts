import assert from 'node:assert/strict';
import { release } from 'node:os';

import { fixture, init, output } from '../../support/init.js';
import type { Place } from './place.js';

const SI_USER = 0;
const SI_QUEUE = -1;
const firstRealTime = 32;
const last = 64;

const signals = Array.from({ length: last }, (_, at) => at + 1).filter((signo) => signo !== 9 && signo !== 19);
const valueOf = (signo: number): string => (0x12345678_00000000n + BigInt(signo)).toString(16);

/** What the child of an init is to see of each signal: its sender is the init for kill and tgkill, which have no value. */
function expected(who: string, initPid: string, sender: string, uid: string): string[] {
  return signals.flatMap((signo) => [
    `${who} ${signo} ${SI_USER} ${initPid} ${uid}`,
    `${who} ${signo} ${SI_USER} ${initPid} ${uid}`,
    `${who} ${signo} ${SI_QUEUE} ${sender} ${uid} ${valueOf(signo)}`,
  ]);
}

/** PIDFD_SIGNAL_PROCESS_GROUP. */
function kernelQueuesToGroups(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 9);
}

/** A standard signal is pending once; stop signals take SIGCONT away. The last one marks the end. */
function pendingInTheEnd(initPid: string, sender: string, uid: string): string[] {
  const all = expected('bystander', initPid, sender, uid).filter((line, at) => {
    const signo = Number(line.split(' ')[1]);
    return signo >= firstRealTime || (at % 3 === 0 && signo !== 18);
  });
  return [...all, `bystander ${last} ${SI_QUEUE} ${sender} ${uid} ${(0x7fff_ffff).toString(16)}`];
}

const sorted = (lines: readonly string[]): string[] => [...lines].sort();

async function eachSignal(place: Place, options: readonly string[]): Promise<{ child: string[]; bystander: string[] }> {
  const text = await output(place.enter([init, '-s', ...options, '--', fixture('probe-each')]));
  const [header = '', ...lines] = text.trim().split('\n');
  const [, initPid = '', sender = ''] = /^init (\d+) sender (\d+)$/.exec(header) ?? [];
  const uid = String(process.getuid?.());
  assert.deepEqual(
    lines.filter((line) => line.startsWith('child')),
    expected('child', initPid, sender, uid),
  );
  return {
    child: pendingInTheEnd(initPid, sender, uid),
    bystander: lines.filter((line) => line.startsWith('bystander')),
  };
}

/** Each signal reaches who it is for, once, with all that it carries. */
export function forwarding(place: Place): void {
  it('forwards every signal that can be caught, sent by kill, tgkill and sigqueue, to the child only', async () => {
    for (const options of [[], ['--single-child'], ['--group', '--single-child']]) {
      const { bystander } = await eachSignal(place, options);
      assert.deepEqual(bystander, []);
    }
  });

  it("with --group, to the child's whole group, with values where the kernel can", async () => {
    const { bystander, child } = await eachSignal(place, ['--group']);
    if (kernelQueuesToGroups()) assert.deepEqual(sorted(bystander), sorted(child));
    else assert.equal(bystander.length, child.length);
  });

  it('forwards 1,000 values with each of two real-time signals in order', async () => {
    const text = await output(place.enter([init, '-s', fixture('probe-flood'), '1000']));
    assert.equal(text, '1000 and 1000 in order\n');
  });

  it('also when only 10 fit into the queue of the child, and others come past them', async () => {
    const text = await output(place.enter([init, '-s', fixture('probe-flood'), '1000', '10']));
    assert.equal(text, '1000 and 1000 in order\n');
  });
}
