// sender.js PID VALUE: queues one value to a process. sender.js PID --count N: N, each with its number and its time.
import { sigqueue } from 'sigkit';

const [pid, value, count] = process.argv.slice(2);
if (value !== '--count') sigqueue(Number(pid), 'SIGRTMIN+1', Number(value));
for (let number = 0; number < Number(count ?? 0); number += 1) {
  sigqueue(Number(pid), 'SIGRTMIN+1', (BigInt(number) << 40n) | BigInt.asUintN(40, process.hrtime.bigint()));
}
