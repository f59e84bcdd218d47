import { native, portable } from '../../base/native.js';
import { signalNumber } from '../../signals/names.js';
import { isStopped, readStat } from '../proc-stat.js';
import type { SpawnedProcess } from '../spawn/spawned-process.js';

const terminal = 0;

function ownGroup(): number {
  return native().getpgid(0);
}

/** Whether this process's stdin is its controlling terminal, and its own group the foreground of that. */
export function isInForeground(): boolean {
  return portable === undefined && native().tcgetpgrp(terminal) === ownGroup();
}

/** After a start that failed: the terminal is handed over before the program is looked for. */
export function takeTerminal(): void {
  native().tcsetpgrp(terminal, ownGroup());
}

// Only what is ours to give: a shell may have put this process into the background.
function goOn(job: number): void {
  if (isInForeground()) native().tcsetpgrp(terminal, job);
  native().kill(-job, signalNumber('SIGCONT'));
}

// As what a shell has started: with it, all of its group stops, and the shell has the terminal. In a group that nobody could
// continue, the kernel ignores this (SIGTSTP, signal(7)), and the job goes on.
function stopWith(job: number, stopSignal: string | null): void {
  const wantsTerminal = stopSignal === 'SIGTTIN' || stopSignal === 'SIGTTOU';
  if (!wantsTerminal || !isInForeground()) {
    giveBack(job);
    native().kill(0, signalNumber('SIGTSTP'));
  }
  goOn(job);
}

function giveBack(job: number): void {
  if (native().tcgetpgrp(terminal) === job) takeTerminal();
}

async function watch(child: SpawnedProcess, job: number): Promise<void> {
  for await (const { stopped, stopSignal } of child) {
    // Of several that stop together, the others go on by the time that it is told.
    const stat = stopped ? readStat(child.pid) : null;
    if (stat !== null && isStopped(stat)) stopWith(job, stopSignal);
  }
}

/** Takes care of the terminal while a job has it, at its stops and at its end; resolves when it has come back. Never rejects. */
export async function attend(children: readonly SpawnedProcess[]): Promise<void> {
  const job = children[0]?.processGroup ?? 0;
  const onContinue = (): void => goOn(job);
  process.on('SIGCONT', onContinue);
  await Promise.allSettled(children.map((child) => watch(child, job)));
  process.off('SIGCONT', onContinue);
  giveBack(job);
}
