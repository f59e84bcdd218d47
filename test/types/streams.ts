// Compiled, never run, as api.ts: what the types say of a child's streams, by `stdio`.
import type { Socket } from 'node:net';

import { spawn, type SpawnedProcess, type SpawnOptions, type StdioEntry, type WaitResult } from 'sigkit/process';

const usual = spawn('true');
const usualStreams: readonly [Socket, Socket, Socket] = [usual.stdin, usual.stdout, usual.stderr];
const withOptions: Socket = spawn('true', [], { cwd: '/' }).stdout;
const undefinedIsPipe: Socket = spawn('true', [], { stdio: undefined }).stderr;
const pipes: readonly [Socket, Socket, Socket] = spawn('true', [], { stdio: 'pipe' }).stdio;

const none: readonly [null, null, null] = spawn('true', [], { stdio: 'inherit' }).stdio;
const ignored: null = spawn('true', [], { stdio: 'ignore' }).stdin;
// @ts-expect-error nothing to read
spawn('true', [], { stdio: 'ignore' }).stdout.resume();

const mixed = spawn('true', [], { stdio: ['ignore', 'pipe', 2] });
const mixedStreams: readonly [null, Socket, null] = [mixed.stdin, mixed.stdout, mixed.stderr];
const all: readonly [null, Socket, null] = mixed.stdio;
const short: Socket = spawn('true', [], { stdio: ['ignore'] }).stderr;
const defaults: readonly [Socket, Socket, Socket] = spawn('true', [], { stdio: [null, undefined, null] }).stdio;
const further: Socket = spawn('true', [], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }).stdio[3];
// From 3 on, null is 'ignore'.
const furtherNone: null = spawn('true', [], { stdio: ['ignore', 'ignore', 'ignore', null] }).stdio[3];
const given: null = spawn('true', [], { stdio: [usual.stdout, 'pipe', 'inherit'] }).stdin;

declare const either: 'pipe' | 'ignore';
const maybe: Socket | null = spawn('true', [], { stdio: either }).stdout;
// @ts-expect-error it may be null
spawn('true', [], { stdio: either }).stdout.resume();
declare const entries: StdioEntry[];
// @ts-expect-error it may be null
spawn('true', [], { stdio: entries }).stdout.resume();
declare const options: SpawnOptions;
const anything: SpawnedProcess = spawn('true', [], options);
// @ts-expect-error it may be null
anything.stdout.resume();
const wider: SpawnedProcess = spawn('true');

const closed: Promise<WaitResult> = usual.closed;
// @ts-expect-error there is no channel
spawn('true', [], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });

export const used: readonly unknown[] = [
  usualStreams,
  withOptions,
  undefinedIsPipe,
  pipes,
  none,
  ignored,
  mixedStreams,
  all,
  short,
  defaults,
  further,
  furtherNone,
  given,
  maybe,
  wider,
  closed,
];
