// An HTTP service that stops in order, whatever its event loop does; docs/shutdown.md explains it. It answers with the hash of what
// it is sent. A helper, a group of processes, ends with it. /livez, /readyz and /healthz on a port of their own say how it
// is. SIGHUP reads the configuration again; systemd, if it is there, is told of all that. The argument is the path of the configuration.
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { spawn } from 'sigkit/process';
import { closeServer, createShutdown, endGroup, health, onReload, type ReloadOutcome } from 'sigkit/shutdown';
import { listenDescriptors, listenOn, openNotifier, openWatchdog } from 'sigkit/systemd';

const usual = { port: 8080, healthPort: 8081, greeting: 'hello', budgetMs: 25_000, drainDelayMs: 5000 };
type Config = Readonly<typeof usual>;

const file = process.argv[2] ?? new URL('../../examples/service.json', import.meta.url);

function load(): Config {
  return { ...usual, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Config>) };
}

function validate(config: Config): void {
  for (const [key, value] of Object.entries(usual))
    if (typeof config[key as keyof Config] !== typeof value) throw new Error(`"${key}" is not a ${typeof value}`);
}

// First of all: a signal that comes during the start is kept, and the budget holds from here on.
const initial = load();
validate(initial);
const { budgetMs, drainDelayMs } = initial;
const notifier = openNotifier({ unset: true });
const shutdown = createShutdown({ budgetMs, drainDelayMs, notifier });
// A client that never finishes its request is cut off then; what comes after it has its turn still.
shutdown.stage('drain', { timeoutMs: Math.floor((budgetMs - drainDelayMs) / 2) });
// What nobody has caught, such as a port that is taken, ends it in order, too: the helper would live on.
process.once('uncaughtException', (error) => {
  console.error(error);
  process.exitCode = 1;
  void shutdown.shutdown(error);
});

async function logStates(): Promise<void> {
  for await (const { to } of shutdown.transitions()) console.log(to);
  const { hooks } = await shutdown.done;
  for (const { name, outcome, error } of hooks) if (outcome !== 'done') console.error(name, outcome, error);
}
void logStates();

openWatchdog(notifier, { unset: true });

// The greeting is read at each request; the rest needs a restart.
const reloader = onReload({ initial, load, validate, apply: () => {}, notifier });
subscribe('sigkit:reload', (message) => {
  const { generation, failure } = message as ReloadOutcome;
  if (failure === null) console.log(`reloaded: generation ${generation}`);
  else console.error(`not reloaded, failed in ${failure.step}:`, failure.error);
});

const helper = spawn('sh', ['-c', 'sleep 1000 & wait'], { processGroup: true });
let helping = true;
void helper.exited.then(() => (helping = false));
shutdown.add('helper', endGroup(helper, { graceMs: 2000 }), { stage: 'stop-work' });

const server = createServer((incoming, response) => {
  const hash = createHash('sha256');
  incoming.on('data', (part: Buffer) => hash.update(part));
  incoming.once('end', () => response.end(`${reloader.config?.greeting}: ${hash.digest('hex')}\n`));
});
shutdown.add('http', closeServer(server));

let started = false;
const probes = health(shutdown, { ready: () => started, checks: { helper: () => helping } });
const { port: healthPort } = await probes.listen(initial.healthPort);

// From a .socket unit, if there is one: then connections wait in the kernel during a restart.
const inherited = listenDescriptors({ unset: true }).find(({ kind }) => kind === 'listener');
await once(inherited === undefined ? server.listen(initial.port) : listenOn(server, inherited), 'listening');
const { port } = server.address() as AddressInfo;
started = true;
notifier.ready(`Serving on port ${port}`);
console.log(`process ${process.pid} serves on port ${port}, its health on port ${healthPort}; helper ${helper.pid}`);

// For the example, where it is given no configuration: a client, and the shutdown in the middle of its request.
if (process.argv[2] === undefined) {
  const client = request({ port, method: 'POST' });
  client.write('one, ');
  server.once('request', () => void shutdown.shutdown('the example is over'));
  const finish = async (): Promise<void> => {
    const answered = once(client, 'response');
    client.end('two');
    const [response] = (await answered) as [IncomingMessage];
    console.log((await text(response)).trim());
  };
  shutdown.add('client', finish, { stage: 'drain' });
}

// Prints:
//   process 4711 serves on port 4711, its health on port 4711; helper 4711
//   draining
//   hello: 0c1b6ea1e8cbcff9c63c94c0e27a684db1711542355bf79a6fa989e335830175
//   stopping
//   exited
