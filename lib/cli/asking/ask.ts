import { setTimeout as delay } from 'node:timers/promises';

import { type DiagnosticAction, diagnosticActions } from '../../diagnostics/requestable.js';
import { readStat } from '../../process/proc-stat.js';
import { numberNamed } from '../../signals/names.js';
import { AnswerFile } from './answer-file.js';
import type { Answer, DiagnosticsRecord } from './record.js';
import { ended, Target, untold } from './target.js';

export interface Request {
  readonly action: Exclude<DiagnosticAction, 'openInspector' | 'closeInspector' | 'reopen'>;
  /** Of profiles; 0 of others. */
  readonly seconds: number;
  readonly timeoutMs: number;
}

const pollMs = 10;
// Refusals are told once a second, and may be of somebody else's.
const refusalMs = 1000;
const endingMs = 500;
const notPermitted = -1;
const noSuchProcess = -3;
const again = -11;

// By value if it can be: then nothing else can be meant.
function signalFor({ actions: given }: DiagnosticsRecord, action: string): number | undefined {
  const all = Object.entries(given);
  const [name] = all.find(([, one]) => one === 'byValue') ?? all.find(([, one]) => one === action) ?? [];
  return name === undefined ? undefined : numberNamed(name);
}

function unable({ directory, sigs }: DiagnosticsRecord, action: string): string {
  if (directory !== null) return `has no signal that asks for ${action}: see the actions of its openDiagnostics`;
  return `has no directory for files (SIGKIT_DIAGNOSTICS_DIRECTORY); ${sigs.join(', ')} prints the stacks to its stderr`;
}

const reasons: Readonly<Record<number, string>> = {
  [notPermitted]: 'may not be signalled by this user',
  [again]: 'gets no signal with a value: the queue of its user is full',
};

// The descriptors of a process that ends are closed a moment before it has ended.
async function closed(target: Target): Promise<Error> {
  const deadline = performance.now() + endingMs;
  while (performance.now() < deadline) {
    if (!target.runs) return ended(target.pid);
    await delay(pollMs);
  }
  return untold(target.pid, 'has closed its diagnostics');
}

// All of it is looked at just before: without a handler the signal would end the process.
async function send(target: Target, { action, seconds }: Request): Promise<void> {
  const { pid } = target;
  const record = target.look();
  if (record === null) throw await closed(target);
  const signal = signalFor(record, action);
  if (signal === undefined) throw untold(pid, unable(record, action));
  if (!target.catches(signal)) throw untold(pid, 'has just closed its diagnostics');
  const sent = target.signal(signal, diagnosticActions.indexOf(action) + seconds * 256);
  if (sent === noSuchProcess) throw ended(pid);
  if (sent < 0) throw untold(pid, reasons[sent] ?? `could not be signalled: error ${-sent}`);
}

function late({ pid, record }: Target, timeoutMs: number): string {
  const stopped = ['T', 't'].includes(readStat(pid)?.state ?? '');
  const why = stopped ? 'it is stopped, and kill -CONT continues it' : `it may still, in ${record.directory}`;
  return `has not answered within ${timeoutMs} ms: ${why}`;
}

// Others may have been answered since. The ids of a kind rise; those of several do not.
function answerIn(record: DiagnosticsRecord, action: string): Answer | undefined {
  return record.last === null ? undefined : [record.last, ...record.last.before].find(({ kind }) => kind === action);
}

function isOwn({ id, askedBy, also }: Answer, { record, sender }: Target, action: string): boolean {
  return id > (answerIn(record, action)?.id ?? 0) && [askedBy, ...also].includes(sender);
}

async function answerOf(target: Target, { action, timeoutMs }: Request): Promise<Answer> {
  const { pid, record: before } = target;
  const deadline = performance.now() + timeoutMs;
  let refusedAt = Infinity;
  for (;;) {
    const record = target.look();
    if (record === null) throw await closed(target);
    const answer = answerIn(record, action);
    if (answer !== undefined && isOwn(answer, target, action)) return answer;
    const now = performance.now();
    if (record.refused > before.refused) refusedAt = Math.min(refusedAt, now);
    if (now > refusedAt + refusalMs) throw untold(pid, 'has refused somebody, and not answered: see its allow');
    if (now > deadline) throw untold(pid, late(target, timeoutMs));
    await delay(pollMs);
  }
}

/**
 * Has a process that has diagnostics open write a file. Null if it has none open.
 * @throws Untold if it does not, and says why; ESRCH, and as `inspectProcess`
 */
export async function ask(pid: number, request: Request): Promise<AnswerFile | null> {
  const target = Target.open(pid);
  if (target === null) return null;
  try {
    await send(target, request);
    const { file, error } = await answerOf(target, request);
    if (error !== null || file === null) throw untold(pid, `answers: ${error ?? 'no file'}`);
    return new AnswerFile(`${target.root}${file}`);
  } finally {
    target[Symbol.dispose]();
  }
}
