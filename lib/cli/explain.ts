import { escapeLine } from '../base/escape.js';
import { explain as explainSignal } from '../diagnostics/explain/explain.js';
import type { Finding, SignalOutcome } from '../diagnostics/explain/finding.js';
import { type SignalName, signalFromText } from '../signals/names.js';
import { readPid } from './arguments.js';
import { asJson, exitCodes, painted, print, run, table, type Teller } from './telling.js';

const usage = `usage: sigkit explain [--json] SIGNAL PID

What would come of the signal if it were sent to the process now, and what may lose it. Sends nothing.
Exit codes: 0 somebody gets it, 1 it would be lost, held or refused, 2 usage, 3 no such process, 4 nothing can be told
`;

const bad: ReadonlySet<SignalOutcome> = new Set(['lost', 'held', 'refused']);
const styles: Readonly<Record<SignalOutcome, Parameters<typeof painted>[0]>> = {
  delivered: 'green',
  altered: 'yellow',
  held: 'yellow',
  refused: 'red',
  lost: 'red',
  note: 'dim',
};

function rowsOf(findings: readonly Finding[]): readonly string[] {
  const lines = table(findings.map(({ outcome, text }) => [outcome, text]));
  return findings.flatMap(({ outcome, evidence }, at) => [
    painted(styles[outcome], outcome) + (lines[at] ?? '').slice(outcome.length),
    ...evidence.map((line) => painted('dim', `             ${line}`)),
  ]);
}

function signalOf(word: string): SignalName | undefined {
  try {
    return signalFromText(word);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function tell([signal = '', process = '']: readonly string[], json: boolean): number | string {
  const [name, pid] = [signalOf(signal), readPid(process)];
  if (name === undefined) return `no signal: ${escapeLine(signal)}`;
  if (pid === undefined) return `no pid: ${escapeLine(process)}`;
  const findings = explainSignal(pid, name);
  print(json ? asJson(findings) : `${rowsOf(findings).join('\n')}\n`);
  return findings.some(({ outcome }) => bad.has(outcome)) ? exitCodes.signalLost : exitCodes.fine;
}

const teller: Teller = { usage, words: ['SIGNAL', 'PID'], tell };

/** `sigkit explain`. Returns an exit code. */
export const explain = async (args: readonly string[]): Promise<number> => run(teller, args);
