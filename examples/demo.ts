// What sigkit does, shown on real processes: a daemon, /bin/kill, and a sender of queued values.
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { signalNumber } from 'sigkit';

const here = (name: string): string => fileURLToPath(new URL(`demo/${name}.js`, import.meta.url));

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const daemon = fork(here('daemon'));
const pid = String(daemon.pid);
const requests: Readonly<Record<string, () => void>> = {
  kill() {
    print(`  parent  /bin/kill sends SIGHUP and SIGUSR2, a queueing sender SIGRTMIN+1 to ${pid}`);
    for (const signal of ['HUP', 'USR2']) execFileSync('/bin/kill', [`-${signal}`, pid]);
    spawn(process.execPath, [here('sender'), pid, '42'], { stdio: 'inherit' });
  },
  storm() {
    spawn(process.execPath, [here('sender'), pid, '--count', '1000'], { stdio: 'inherit' });
  },
  end() {
    print('  parent  /bin/kill sends SIGTERM');
    execFileSync('/bin/kill', ['-TERM', pid]);
  },
};

print(`sigkit demo: daemon ${pid} claims SIGTERM, SIGHUP, SIGUSR2 and SIGRTMIN+1`);
daemon.on('message', (request) => {
  if (typeof request === 'string') requests[request]?.();
});
const [code, signal] = (await once(daemon, 'exit')) as [number | null, NodeJS.Signals | null];
print(
  `  parent  saw the daemon end: exit code ${code}, signal ${signal} (a shell would show ${128 + signalNumber('SIGTERM')})`,
);
if (signal !== 'SIGTERM') process.exitCode = 1;
