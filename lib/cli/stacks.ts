import { fs } from '../base/builtins.js';
import { escapeLine } from '../base/escape.js';
import { readPid, readTimeout } from './arguments.js';
import { ask } from './asking/ask.js';
import { tellUnopened } from './asking/unopened.js';
import { asJson, exitCodes, print, run, type Teller } from './telling.js';

const usage = `usage: sigkit stacks [--json] [--timeout MS] PID

Asks a process that has diagnostics open for the stacks of its threads of JavaScript, whether or not its event loop hangs.
Of another one, what /proc tells.
Exit codes: 0 fine, 1 it refuses, cannot, or does not answer in time (10 s), 2 usage, 3 no such process, 4 it has none open
`;

const usualTimeoutMs = 10_000;

async function tell(
  [process = '']: readonly string[],
  json: boolean,
  { timeout }: Readonly<Record<string, string | boolean>>,
): Promise<number | string> {
  const pid = readPid(process);
  if (pid === undefined) return `no pid: ${escapeLine(process)}`;
  const timeoutMs = readTimeout(timeout, usualTimeoutMs);
  if (timeoutMs === undefined) return `no time: ${escapeLine(String(timeout))}`;
  const answer = await ask(pid, { action: 'stacks', seconds: 0, timeoutMs });
  if (answer === null) return tellUnopened(pid, json);
  const text = answer.read((path) => fs.readFileSync(path, 'utf8'));
  const lines = text.trimEnd().split('\n');
  print(json ? asJson({ pid, file: answer.path, lines }) : `${lines.map((line) => escapeLine(line)).join('\n')}\n`);
  return exitCodes.fine;
}

const teller: Teller = { usage, words: ['PID'], options: { timeout: { type: 'string' } }, tell };

/** `sigkit stacks`. Returns an exit code. */
export const stacks = async (args: readonly string[]): Promise<number> => run(teller, args);
