import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { sigkit } from '../support/command.js';
import { asking, type Diagnosed, endDiagnosed, startDiagnosed } from '../support/diagnosed.js';

// An event loop that gets no processor for a second is taken for one that hangs.
const seemsToHang = /the event loop hangs|stack-samples\.json/;

async function answered(...args: readonly string[]): Promise<Awaited<ReturnType<typeof asking>>> {
  for (let tries = 1; ; tries += 1) {
    const answer = await asking('dump', ...args);
    if (tries === 10 || !seemsToHang.test(answer.stdout + answer.stderr)) return answer;
  }
}

describe('sigkit dump', () => {
  const opened: Diagnosed[] = [];
  async function start(...args: Parameters<typeof startDiagnosed>): Promise<Diagnosed> {
    const diagnosed = await startDiagnosed(...args);
    opened.push(diagnosed);
    return diagnosed;
  }
  afterEach(async () => {
    for (const one of opened.splice(0)) await endDiagnosed(one);
  });

  it('as text, and as JSON', async () => {
    const { child } = await start(['keepsConnection']);
    const { status, stdout, stderr } = sigkit(['dump', String(child.pid)]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^Dump of pid \d+ at \w+\.\w+\nAsked for by SIGRTMIN\+12 .* dump \d+\nStacks:\n {2}main /);
    assert.match(stdout, /^resources: .*TCPSocketWrap 2/m);
    const dump = JSON.parse(sigkit(['dump', '--json', String(child.pid)]).stdout) as Readonly<Record<string, unknown>>;
    assert.deepEqual([dump['schema'], dump['answered'], dump['pid']], [1, true, child.pid]);
    assert.equal((JSON.parse(readFileSync(String(dump['file']), 'utf8')) as { at: string }).at, dump['at']);
  });

  it('of one whose event loop hangs, and no heap snapshot of it', async () => {
    const { child } = await start(['spins']);
    const pid = String(child.pid);
    const [dump, heap] = await Promise.all([asking('dump', pid), asking('dump', '--heap', pid)]);
    assert.equal(dump.code, 0);
    assert.match(dump.stdout, /^JavaScript did not answer: .*\nStacks:\n(?:.*\n)+? +at parseRows /m);
    assert.deepEqual(
      [heap.code, heap.stdout, heap.stderr],
      [1, '', `sigkit: process ${pid} answers: the event loop hangs\n`],
    );
  });

  it('the name of the file of snapshots, profiles and reports', async () => {
    const { child, directory } = await start();
    const pid = String(child.pid);
    const kinds = [
      [['--heap'], 'heap-snapshot.heapsnapshot', 'snapshot'],
      [['--cpu', '1'], 'cpu-profile.cpuprofile', 'nodes'],
      [['--heap-profile', '1'], 'heap-profile.heapprofile', 'head'],
      [['--report'], 'report.json', 'header'],
    ] as const;
    for (const [args, name, member] of kinds) {
      const { code, stdout, stderr } = await answered(...args, pid);
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(stdout.startsWith(`${directory}/${pid}-`) && stdout.endsWith(`-${name}\n`), stdout);
      assert.ok(member in (JSON.parse(readFileSync(stdout.trimEnd(), 'utf8')) as object), name);
    }
  });

  it('2 for what it does not know, 4 where none are open', () => {
    for (const [args, problem] of [
      [['x'], 'no pid: x'],
      [['--heap', '--report', '1'], '--heap and --report: one at a time'],
      [['--cpu', '0', '1'], 'no seconds: 0'],
      [['--heap-profile', '3601', '1'], 'no seconds: 3601'],
      [['--cpu', '1', '--timeout', 'soon', '1'], 'no time: soon'],
    ] as const) {
      const { status, stderr } = sigkit(['dump', ...args]);
      assert.equal(status, 2);
      assert.ok(stderr.startsWith(`sigkit: ${problem}\nusage: sigkit dump `), stderr);
    }
    assert.equal(sigkit(['dump', String(process.pid)]).status, 4);
  });
});
