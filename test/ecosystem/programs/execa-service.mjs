// Stops in order at the first signal: its child finishes its work, and a second child, which has none, ends with the service.
import { setTimeout as delay } from 'node:timers/promises';

import { execa } from 'execa';

const stop = globalThis.stopSignals('SIGTERM', 'SIGINT');
const worker = execa('sh', ['-c', 'trap "exit 9" TERM; echo up; read line; echo "worked $line"; exit 4'], {
  reject: false,
  stdin: 'pipe',
});
const idle = execa('sh', ['-c', 'echo up; exec sleep 1000'], { reject: false });
for (const { stdout } of [worker, idle]) await new Promise((resolve) => stdout.once('data', resolve));
console.log(`ready ${process.pid}`);
console.log(`${await stop.next()}: stopping`);
// Whoever takes a signal for the end of the process, or sends it again, does so meanwhile.
console.log('then', await Promise.race([stop.next(), delay(100)]));
worker.stdin.end('on\n');
const { exitCode, stdout } = await worker;
console.log(exitCode, stdout);
console.log('stopped', idle.exitCode);
process.exit(3);
