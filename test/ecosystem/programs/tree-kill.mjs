// Ends a tree of processes, and its root's siblings keep their exit codes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import treeKill from 'tree-kill';

const tree =
  'sh -c "sleep 1000 & echo up; read line" <&3 & sh -c "sleep 1000 & sleep 1000 & echo up; read line" <&3 & read line';
const root = spawn('sh', ['-c', `exec 3<&0; ${tree}`], { stdio: ['pipe', 'pipe', 'inherit'] });
const sibling = spawn('sh', ['-c', 'read line; exit 6'], { stdio: ['pipe', 'inherit', 'inherit'] });
for (let up = ''; up.length < 6;) [up] = [up + (await once(root.stdout, 'data'))[0]];

const ended = once(root, 'exit');
// Its pipe is closed once all of the tree has gone.
const closed = once(root.stdout.resume(), 'close');
treeKill(root.pid, process.argv[2], (error) => console.log('called back', error));
console.log(await ended);
sibling.stdin.end('\n');
console.log(await once(sibling, 'exit'));
await closed;
console.log(await once(spawn('sh', ['-c', 'exit 8']), 'exit'));
