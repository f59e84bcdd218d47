// A daemon in small: reloads on SIGHUP, reports on SIGUSR2, stops on SIGTERM or SIGINT. For the example it signals itself.
import { exitBySignal, kill, type SignalInfo, type SignalName, signals } from 'sigkit';

const handlers: Partial<Record<SignalName, (info: SignalInfo) => void>> = {
  SIGHUP: ({ pid }) => console.log(`process ${pid} asks to read the configuration again`),
  SIGUSR2: ({ time }) => console.log(`still here, ${(performance.now() - time).toFixed(1)} ms after you asked`),
};

await using stream = signals(['SIGHUP', 'SIGUSR2', 'SIGTERM', 'SIGINT']);
for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGTERM'] as const) kill(process.pid, signal);

const stopping: SignalInfo[] = [];
for await (const info of stream) {
  const handle = handlers[info.signal];
  if (handle === undefined) stopping.push(info);
  else handle(info);
  if (stopping.length > 0 && stream.queued === 0) break;
}
console.log(`stopped by ${stopping[0]?.signal}`);
// A parent that looks at how we ended would be told by: exitBySignal('SIGTERM').
if (process.env['DIE_OF_IT'] === '1') exitBySignal('SIGTERM');
