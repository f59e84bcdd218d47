// PID 1 for a container of several services. It starts them in order, each once the one before is ready, restarts what ends, and
// stops them in reverse order on SIGTERM or SIGINT. SIGHUP reads the configuration again. When the essential service ends, all
// end, and its exit code is that of all. The argument is the path of the configuration, which docs/init.md explains.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { type Signal, signals, signalNumber, validSignals } from 'sigkit';
import { reapOrphans, setChildSubreaper, spawn, terminateGroup, terminateTree } from 'sigkit/process';
import type { SpawnedProcess } from 'sigkit/process';

const usual = { command: [''], essential: false, readyFd: 0, reloadSignal: '', stopSignal: 'SIGTERM', graceMs: 10_000 };
type Config = Readonly<typeof usual> & { readonly name: string };

const file = process.argv[2] ?? new URL('../../examples/custom-init.json', import.meta.url);
const known: ReadonlySet<string> = validSignals();
const services: Service[] = [];
// What SIGHUP has asked for, one after the other.
let work = Promise.resolve();
let ending: Promise<void> | null = null;

function toConfig([name, given]: [string, Partial<Config>]): Config {
  const config = { ...usual, ...given };
  const { command, readyFd, reloadSignal, stopSignal, graceMs } = config;
  const faults: Readonly<Record<string, boolean>> = {
    command: !Array.isArray(command) || !command[0] || command.some((word) => typeof word !== 'string'),
    readyFd: ![0, 3, 4, 5, 6, 7, 8, 9].includes(readyFd),
    reloadSignal: reloadSignal !== '' && !known.has(reloadSignal),
    stopSignal: !known.has(stopSignal),
    graceMs: !(graceMs >= 0),
  };
  for (const [key, value] of Object.entries(config))
    if (faults[key] === true || typeof value !== typeof usual[key as keyof typeof usual])
      throw new Error(`${name}: "${key}" cannot be ${JSON.stringify(value)}`);
  return { ...config, name };
}

class Service {
  readonly config: Config;
  /** Resolves when it has been ready for the first time, or will not be any more. */
  readonly ready: Promise<void>;
  #announce = (): void => {};
  /** The child, once it is ready. */
  #running: Promise<SpawnedProcess> | null = null;
  #child: SpawnedProcess | null = null;
  #done: Promise<void> | null = null;
  readonly #stopping = new AbortController();

  constructor(config: Config, after: Promise<unknown>) {
    this.config = config;
    this.ready = new Promise((resolve) => (this.#announce = resolve));
    void after.then(() => (this.#done = this.#keepRunning()));
  }

  reload(): void {
    const { reloadSignal: sig } = this.config;
    if (sig !== '') void this.#running?.then((child) => child.kill(sig as Signal)).catch(complain);
  }

  async stop(): Promise<void> {
    const { stopSignal, graceMs } = this.config;
    this.#stopping.abort();
    if (this.#child !== null) await terminateTree(this.#child.pid, { sig: stopSignal as Signal, graceMs });
    await this.#done;
    this.#announce();
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    for (let pauseMs = 100; !signal.aborted && ending === null; pauseMs = Math.min(2 * pauseMs, 10_000)) {
      const started = performance.now();
      const code = await this.#run().catch(({ message }: Error) => {
        console.log(`${this.config.name}: ${message}`);
        return 127;
      });
      // When a reload stops it, that is not its end.
      if (this.config.essential && (ending !== null || !signal.aborted)) {
        process.exitCode ??= code;
        ending ??= end();
      }
      if (performance.now() - started > 10_000) pauseMs = 100;
      await delay(pauseMs, null, { signal }).catch(() => {});
    }
  }

  async #run(): Promise<number> {
    const { name, command, readyFd, stopSignal, graceMs } = this.config;
    const stdio: ('ignore' | 'inherit' | 'pipe')[] = ['ignore', 'inherit', 'inherit'];
    if (readyFd > 0) stdio[readyFd] = 'pipe';
    const child = spawn(command[0] ?? '', command.slice(1), { session: true, stdio });
    const pipe = child.stdio[readyFd];
    this.#child = child;
    this.#running = (pipe ? once(createInterface(pipe), 'line') : Promise.resolve()).then(() => {
      console.log(`${name}: ready`);
      this.#announce();
      return child;
    });
    const { exitCode, termSignal } = await child.exited;
    this.#child = null;
    console.log(`${name}: ended, ${termSignal ?? `exit code ${exitCode}`}`);
    // What is left of its session may hold what the next one needs, such as a port.
    await terminateGroup(child.pid, { sig: stopSignal as Signal, graceMs });
    return exitCode ?? 128 + signalNumber(termSignal ?? 'SIGKILL');
  }
}

async function reload(): Promise<void> {
  const { services: given } = JSON.parse(readFileSync(file, 'utf8')) as { services?: Record<string, Partial<Config>> };
  if (given === undefined) throw new Error('no "services"');
  const configs = Object.entries(given).map(toConfig);
  const kept = configs.map((config) => services.find((service) => isDeepStrictEqual(service.config, config)));
  for (const service of services.toReversed()) if (!kept.includes(service)) await service.stop();
  services.length = 0;
  for (const [place, config] of configs.entries())
    services.push(kept[place] ?? new Service(config, Promise.all(services.map(({ ready }) => ready))));
  for (const service of kept) service?.reload();
}

function complain({ message }: Error): void {
  console.log(`configuration: ${message}`);
  if (services.length === 0) process.exit(2);
}

async function end(): Promise<void> {
  await work;
  for (const service of services.toReversed()) await service.stop();
  await terminateTree(process.pid);
  process.exit();
}

const stream = signals(['SIGHUP', 'SIGINT', 'SIGTERM']);
setChildSubreaper(); // does nothing more for PID 1
const orphans = reapOrphans();
const forget = (): Promise<void> => orphans.next().then(forget);
void forget();
work = reload().catch(complain);
for await (const { signal } of stream) {
  if (signal !== 'SIGHUP') ending ??= end();
  else if (ending === null) work = work.then(reload).catch(complain);
}

// Prints:
//   store: ready
//   task: ready
//   task: ended, exit code 0
//   store: ended, SIGTERM
