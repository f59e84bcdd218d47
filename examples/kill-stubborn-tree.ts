// Ends a tree of processes of which no part goes easily: a shell that ignores SIGTERM, a child of it that is stopped, and a
// daemon that has left parent, group and session behind. That one is found because this process, a subreaper, has adopted
// it.
import { createInterface } from 'node:readline';

import { reapOrphans, setChildSubreaper, spawn, terminateTree } from 'sigkit/process';

const program = `
  (setsid sh -c 'echo daemon $$; exec sleep 1000' &)
  sleep 1000 &
  kill -STOP $!
  trap "" TERM
  echo stopped child $!
  echo shell $$
  read line
`;

setChildSubreaper();
const reaper = reapOrphans();
const root = spawn('sh', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });

const names = new Map<number, string>();
if (root.stdout !== null) {
  for await (const line of createInterface({ input: root.stdout })) {
    const [name = '', pid] = line.split(/ (?=\d)/);
    names.set(Number(pid), name);
    if (names.size === 3) break;
  }
}

const { empty, members } = await terminateTree(root.pid, { graceMs: 200 });
const ends = members.map(({ pid, sent, status }) => `${names.get(pid)}: sent ${sent}, ended by ${status?.termSignal}`);
console.log(ends.sort().join('\n'));
console.log(empty ? 'nobody is left' : 'not all have ended');

// The daemon, and the child whose parent the shell was.
while (reaper.adopted > reaper.reaped) await reaper.next();
console.log(`reaped ${reaper.reaped} orphans`);
reaper.close();

// Prints:
//   daemon: sent SIGTERM, ended by SIGTERM
//   shell: sent SIGKILL, ended by SIGKILL
//   stopped child: sent SIGTERM, ended by SIGTERM
//   nobody is left
//   reaped 2 orphans
