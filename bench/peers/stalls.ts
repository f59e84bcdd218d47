// stalls.js watched|plain http|loop|turns COUNT: answers so many requests, goes so often around a loop, or takes so many turns of
// the event loop, with onLoopStall open or without. Prints the CPU time that each has taken, in microseconds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { onLoopStall } from 'sigkit/diagnostics';

const [, , how = '', what = '', text = ''] = process.argv;
const count = Number(text);
const clients = 8;

function ask(socket: Socket): void {
  socket.write('GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
}

// Answers are so short that each comes in one piece.
function askOnAndOn(port: number): void {
  for (let client = 0; client < clients; client += 1) {
    const socket = connect(port, '127.0.0.1', () => ask(socket));
    socket.on('data', () => ask(socket)).on('error', () => process.exit());
  }
}

async function answer(): Promise<void> {
  let left = count;
  const server = createServer((_, response) => {
    response.end('answer');
    left -= 1;
    if (left === 0) server.emit('served');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = fork(fileURLToPath(import.meta.url), ['client', 'http', String(port)]);
  await once(server, 'served');
  client.kill();
  server.close();
  server.closeAllConnections();
}

const work: Readonly<Record<string, () => Promise<unknown> | void>> = {
  http: answer,
  loop() {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum = (sum + index * index) | 0;
    process.exitCode = sum === 1 ? 1 : 0;
  },
  async turns() {
    for (let index = 0; index < count; index += 1) await turn();
  },
};

if (how === 'client') {
  askOnAndOn(count);
} else {
  if (how === 'watched') onLoopStall();
  const before = process.cpuUsage();
  await work[what]?.();
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / count));
}
