// Runs a graph of commands, as many at once as there are processors, each when those that it needs are done: `node build-tool.js
// GRAPH.json`, with { "NAME": { "command": ["cc", "-c", "a.c"], "needs": ["OTHER"] } }. Each line of output has a coloured prefix, on a
// terminal the last line says how far it is. One Ctrl-C ends all, whoever ignores it five seconds later, and then this process.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { abortOnSignal, exitBySignal } from 'sigkit';
import { run, RunError } from 'sigkit/process';

interface Task {
  readonly command: readonly [string, ...string[]];
  readonly needs?: readonly string[];
}

const example: Readonly<Record<string, Task>> = {
  generate: { command: ['echo', 'one table'] },
  compile: { command: ['echo', 'compiled'], needs: ['generate'] },
  check: { command: ['true'], needs: ['generate'] },
  test: { command: ['sh', '-c', 'echo 3 of 4 tests pass; exit 1'], needs: ['compile', 'check'] },
  publish: { command: ['echo', 'published'], needs: ['test'] },
};

const [given] = process.argv.slice(2);
const graph = given === undefined ? example : (JSON.parse(readFileSync(given, 'utf8')) as typeof example);
const names = Object.keys(graph);
const width = Math.max(...names.map((name) => name.length));
const isTerminal = process.stdout.isTTY;
const stop = abortOnSignal(['SIGINT', 'SIGTERM', 'SIGHUP']);
const done = new Set<string>();
const running = new Map<string, Promise<void>>();
const failed: string[] = [];

for (const [name, { needs = [] }] of Object.entries(graph))
  for (const need of needs)
    if (!Object.hasOwn(graph, need)) throw new Error(`${name} needs ${need}, which is not there`);

function say(name: string, text: string): void {
  const prefix = name.padEnd(width);
  const colour = 31 + (names.indexOf(name) % 6);
  const line = isTerminal ? `\r\x1b[K\x1b[${colour}m${prefix}\x1b[0m ${text}` : `${prefix} | ${text}`;
  console.log(line);
  if (isTerminal) process.stdout.write(`${done.size} of ${names.length}: ${[...running.keys()].join(', ')}`);
}

async function perform(name: string, { command: [program, ...args] }: Task): Promise<void> {
  try {
    const command = run(program, args, { scope: 'tree', signal: stop.signal });
    for await (const { text } of command.lines({ from: 'all' })) say(name, text);
    await command;
    done.add(name);
  } catch (error) {
    failed.push(name);
    say(
      name,
      error instanceof RunError ? `failed: ${error.result.exitCode ?? error.result.termSignal}` : String(error),
    );
  } finally {
    running.delete(name);
  }
}

/** What can begin now, as far as there is room. */
function begin(): void {
  for (const [name, task] of Object.entries(graph)) {
    if (running.size >= availableParallelism() || failed.length > 0 || stop.signal.aborted) return;
    if (done.has(name) || running.has(name) || !(task.needs ?? []).every((need) => done.has(need))) continue;
    running.set(name, perform(name, task));
  }
}

begin();
while (running.size > 0) {
  await Promise.race(running.values());
  begin();
}
stop.stop();
if (isTerminal) process.stdout.write('\r\x1b[K');

// So that who has started this, a shell with more to do, learns of the Ctrl-C, too.
const { reason } = stop.signal as { readonly reason?: { readonly info?: { readonly signal: 'SIGINT' } } };
if (reason?.info !== undefined) exitBySignal(reason.info.signal);

const left = names.filter((name) => !done.has(name));
console.log(`${done.size} of ${names.length} done${left.length > 0 ? `, not: ${left.join(', ')}` : ''}`);
process.exitCode = failed.length > 0 && given !== undefined ? 1 : 0;
if (failed.length === 0 && left.length > 0) throw new Error(`${left.join(', ')}: they need each other`);

// Prints:
//   generate | one table
//   compile  | compiled
//   test     | 3 of 4 tests pass
//   test     | failed: 1
//   3 of 5 done, not: test, publish
