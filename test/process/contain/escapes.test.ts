import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { until } from '../../support/child.js';
import { kinds, whyNot } from '../../support/containment.js';
import { killMarked, marked } from '../../support/marked.js';
import { outcomeOf, type Outcome } from '../../support/scenario.js';
import { commandOf, escapes, type Escape, programOf } from './escapes.js';

const ends = ['its own end', 'abort', 'SIGKILL of the runner'] as const;

function runJob(escape: Escape, kind: string, end: string, mark: string): Promise<Outcome> {
  const row = {
    kind,
    end,
    mark,
    stops: escape.stopsSupervisor === true,
    command: commandOf(escape),
    program: programOf(escape),
  };
  return outcomeOf(
    async ({ processes, events }) => {
      const { kind, end, mark, stops, command, program } = JSON.parse(process.env['ROW'] ?? '');
      const controller = new AbortController();
      const env = { ...process.env, ROW: '', MARK: mark, ESCAPE: program, RUNNER: String(process.pid) };
      const child = processes.spawn('sh', ['-c', command], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env,
        contain: kind,
        signal: controller.signal,
      });
      assert.equal(child.containment, kind);
      const [said] = (await events.once(child.stdout, 'data')) as [Buffer];
      assert.match(String(said), /ready/);
      const beside = processes.children().filter((pid) => pid !== child.pid);
      if (stops) for (const pid of beside) process.kill(pid, 'SIGSTOP');
      if (end === 'SIGKILL of the runner') process.kill(process.pid, 'SIGKILL');
      if (end === 'abort') controller.abort();
      else child.stdin.write('go\n');
      const { exitCode, aborted } = await child.exited;
      assert.equal(aborted, end === 'abort');
      if (end === 'abort') return;
      assert.equal(exitCode, 0);
      assert.notDeepEqual(await child.left, []);
    },
    { wrapper: ['env', `ROW=${JSON.stringify(row)}`] },
  );
}

for (const { kind, refused } of kinds)
  (refused === '' ? describe : describe.skip)(
    `nothing is left of a job contained by a ${kind}${whyNot(refused)}`,
    () => {
      for (const escape of escapes)
        for (const end of ends)
          it(`${escape.name}, after ${end}`, async () => {
            const mark = randomUUID();
            try {
              const { code, signal, stderr } = await runJob(escape, kind, end, mark);
              if (end === 'SIGKILL of the runner') assert.equal(signal, 'SIGKILL', stderr);
              else assert.equal(code, 0, stderr);
              await until(() => marked(`MARK=${mark}`).length === 0, 'all have ended');
            } finally {
              killMarked(`MARK=${mark}`);
            }
          });
    },
  );
