import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('somebody closes the descriptors of sigkit/process', () => {
  it('a pidfd, whose number becomes a FIFO, a file or a pidfd: what waits is told, and no stranger is signalled', () =>
    scenario(async ({ processes, childProcess, fs, until }) => {
      const pidfds = (): number[] =>
        fs.readdirSync('/proc/self/fd').flatMap((fd) => {
          try {
            return /pidfd/.test(fs.readlinkSync(`/proc/self/fd/${fd}`)) ? [Number(fd)] : [];
          } catch {
            return [];
          }
        });
      const fifo = `/tmp/sigkit-fifo-${process.pid}`;
      childProcess.execFileSync('mkfifo', [fifo]);
      const bystander = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      // Whatever is opened takes the lowest number that is free.
      const takes = (fd: number, open: () => number): void => {
        while (open() < fd) assert.ok(pidfds().length < 1000);
      };
      // Who lets go of one lets it be closed.
      const handles: unknown[] = [];
      const newPidfd = (): number => {
        const known = new Set(pidfds());
        handles.push(processes.openProcess(bystander.pid));
        return pidfds().find((fd) => !known.has(fd)) ?? -1;
      };
      const openings: Record<string, (() => number) | undefined> = {
        nothing: undefined,
        fifo: () => fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK),
        file: () => fs.openSync('/etc/passwd', 'r'),
        pidfd: newPidfd,
      };
      try {
        for (const [kind, open] of Object.entries(openings))
          for (const whose of ['child', 'handle'] as const) {
            const known = new Set(pidfds());
            const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
            const [ofChild] = pidfds().filter((fd) => !known.has(fd));
            const handle = processes.openProcess(child.pid);
            const [ofHandle] = pidfds().filter((fd) => !known.has(fd) && fd !== ofChild);
            const { exited } = handle;
            const closed = whose === 'child' ? ofChild : ofHandle;
            assert.ok(closed !== undefined);
            fs.closeSync(closed);
            if (open !== undefined) takes(closed, open);
            assert.equal(handle.kill(0), true);
            assert.equal(child.kill(0), true);
            assert.equal((whose === 'child' ? child : handle).kill('SIGUSR2'), true, kind);
            const { termSignal } = await child.exited;
            assert.equal(termSignal, 'SIGUSR2', kind);
            const seen = await exited;
            assert.ok(seen === null || seen.termSignal === 'SIGUSR2', kind);
            handle.close();
            assert.equal(child.kill(0), false);
            if (open !== undefined)
              assert.ok(fs.readlinkSync(`/proc/self/fd/${closed}`), `${kind}: it is not ours to close`);
          }
        // What has been closed before anybody waits.
        const known = new Set(pidfds());
        const waited = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
        const [ofWaited] = pidfds().filter((fd) => !known.has(fd));
        const late = processes.openProcess(waited.pid);
        const [ofLate] = pidfds().filter((fd) => !known.has(fd) && fd !== ofWaited);
        assert.ok(ofLate !== undefined);
        fs.closeSync(ofLate);
        takes(ofLate, () => fs.openSync('/etc/passwd', 'r'));
        const { exited } = late;
        waited.kill('SIGKILL');
        await exited;
        await waited.exited;
        assert.equal(bystander.kill('SIGKILL'), true);
        assert.equal((await bystander.exited).termSignal, 'SIGKILL');
        await until(() => processes.children().length === 0, 'all have ended');
        assert.ok(handles.length > 0);
      } finally {
        fs.rmSync(fifo);
      }
    }));

  it('all others, one after the other and all at once: spawn and the exits go on', () =>
    scenario(async ({ processes, fs, sigkit, timers }) => {
      const links = (): Map<number, string> =>
        new Map(
          fs.readdirSync('/proc/self/fd').flatMap((fd) => {
            try {
              return [[Number(fd), fs.readlinkSync(`/proc/self/fd/${fd}`)] as const];
            } catch {
              return [];
            }
          }),
        );
      // A pipe is libuv's.
      const isOwn = (link: string): boolean => link.startsWith('socket:');
      const spawnTrue = () => processes.spawn('true', [], { stdio: 'ignore' }).exited;
      const before = links();
      await spawnTrue();
      const ours = (): number[] =>
        [...links()].flatMap(([fd, link]) => (before.get(fd) !== link && isOwn(link) ? [fd] : []));
      assert.ok(ours().length > 0);
      for (let round = 0; round < 20; round += 1) {
        const chosen =
          round % 4 === 3
            ? ours()
            : ours()
                .slice(round % ours().length)
                .slice(0, 1);
        const running = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
        const owned = new Set(chosen);
        for (const fd of owned) fs.closeSync(fd);
        const strangers = chosen.map(() => fs.openSync('/dev/zero', 'r+'));
        assert.equal((await spawnTrue()).exitCode, 0);
        running.kill('SIGKILL');
        assert.equal((await running.exited).termSignal, 'SIGKILL');
        assert.equal((await spawnTrue()).exitCode, 0);
        // What is mended sleeps: it does not look at a stranger's without end.
        const exits = sigkit.threads().find(({ name }) => name === 'sigkit-exits');
        const ticks = (): number => {
          const stat = fs.readFileSync(`/proc/self/task/${exits?.tid}/stat`, 'utf8');
          const fields = stat.slice(stat.lastIndexOf(')')).split(' ');
          return Number(fields[12]) + Number(fields[13]);
        };
        const used = ticks();
        await timers.setTimeout(200);
        assert.ok(ticks() - used <= 3, `round ${round}: ${ticks() - used} ticks`);
        for (const fd of strangers) fs.closeSync(fd);
      }
    }));
});
