// Loaded into a program by --require: sigkit is active in it, with claims, a reaper and a subreaper.
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

import type { Program } from './program.js';

type Sigkit = typeof import('../../../lib/index.js');
type Processes = typeof import('../../../lib/process/index.js');

// Not by an import: this file is loaded in Workers, too, such as the one in which tsx resolves modules. And not by name: the
// package.json of this folder is another package's.
const require = createRequire(import.meta.url);

if (isMainThread) {
  const { signals, withClaimsOpen } = require('../../../lib/index.js') as Sigkit;
  const { reapOrphans, setChildSubreaper } = require('../../../lib/process/index.js') as Processes;
  const say = (line: object): void => {
    const file = process.env['ECOSYSTEM_REPORT'];
    if (file !== undefined) appendFileSync(file, `${JSON.stringify({ pid: process.pid, ...line })}\n`);
  };

  setChildSubreaper(true);
  const reaper = reapOrphans().unref();
  void (async () => {
    for await (const orphan of reaper) say({ reaped: orphan.pid });
  })();

  const asked = new Set<string>();
  // A listener of one time has gone by then.
  const heeded = new Set<string | symbol>();
  process.on('removeListener', (name) => {
    heeded.add(name);
    setImmediate(() => heeded.delete(name)).unref();
  });
  const claims = signals(['SIGTERM', 'SIGINT', 'SIGHUP'], { ref: false });
  void (async () => {
    for await (const { signal } of claims) {
      if (asked.has(signal) || heeded.has(signal) || isHandled(signal)) continue;
      // What the signal does without us.
      claims.close();
      process.kill(process.pid, signal as NodeJS.Signals);
    }
  })();

  const program: Program = {
    forks: withClaimsOpen,
    stopSignals(...names) {
      const stream = signals(names);
      for (const name of names) asked.add(name);
      return {
        next: async () => (await stream.next()).value?.signal,
        close() {
          stream.close();
          for (const name of names) asked.delete(name);
        },
      };
    },
  };
  Object.assign(globalThis, program);
  say({ runs: process.argv[1] });
}

// signal-exit listens for all of them, and does what they do by default where nobody else listens.
function isHandled(signal: string): boolean {
  const emitters = [
    Reflect.get(process, '__signal_exit_emitter__'),
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
  ];
  const ofSignalExit = emitters.reduce(
    (sum: number, emitter) => sum + ((emitter as { count?: number } | undefined)?.count ?? 0),
    0,
  );
  return process.listenerCount(signal) > ofSignalExit;
}
