import { escapeLine } from '../base/escape.js';
import { readDump } from '../diagnostics/dump/read.js';
import { renderDump } from '../diagnostics/dump/render.js';
import { readPid, readSeconds, readTimeout } from './arguments.js';
import { ask, type Request } from './asking/ask.js';
import { tellUnopened } from './asking/unopened.js';
import { asJson, exitCodes, print, run, type Teller } from './telling.js';

const usage = `usage: sigkit dump [--heap | --heap-profile SECONDS | --cpu SECONDS | --report] [--json] [--timeout MS] PID

Asks a process that has diagnostics open for a dump: what it does, waits for and has open. Of another one, what /proc tells.
  --heap                  a heap snapshot: the process stands still while it is written
  --heap-profile SECONDS  where memory is allocated
  --cpu SECONDS           where processor time is spent
  --report                Node's own report
Of these four the name of the file is printed.
Exit codes: 0 fine, 1 it refuses, cannot, or does not answer in time (10 s; of these four 60 s more than SECONDS), 2 usage,
3 no such process, 4 it has none open
`;

const options = {
  heap: { type: 'boolean' },
  'heap-profile': { type: 'string' },
  cpu: { type: 'string' },
  report: { type: 'boolean' },
  timeout: { type: 'string' },
} as const;

type Values = Readonly<Record<string, string | boolean>>;

const kinds = { heap: 'heapSnapshot', 'heap-profile': 'heapProfile', cpu: 'cpuProfile', report: 'report' } as const;
const usualTimeoutMs = { dump: 10_000, other: 60_000 } as const;

/** @returns a text that says what is wrong */
function requestOf(values: Values): Request | string {
  const chosen = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((name) => name in values);
  const [option, other] = chosen;
  if (other !== undefined) return `--${option} and --${other}: one at a time`;
  const given = option === undefined ? true : values[option];
  const seconds = readSeconds(given);
  if (seconds === undefined) return `no seconds: ${escapeLine(String(given))}`;
  const usual = option === undefined ? usualTimeoutMs.dump : usualTimeoutMs.other + seconds * 1000;
  const timeoutMs = readTimeout(values['timeout'], usual);
  if (timeoutMs === undefined) return `no time: ${escapeLine(String(values['timeout']))}`;
  return { action: option === undefined ? 'dump' : kinds[option], seconds, timeoutMs };
}

async function tell([process = '']: readonly string[], json: boolean, values: Values): Promise<number | string> {
  const pid = readPid(process);
  if (pid === undefined) return `no pid: ${escapeLine(process)}`;
  const request = requestOf(values);
  if (typeof request === 'string') return request;
  const answer = await ask(pid, request);
  if (answer === null) return tellUnopened(pid, json);
  const { path } = answer;
  if (request.action === 'dump') {
    const told = answer.read(readDump);
    print(json ? asJson({ file: path, ...told }) : renderDump(told));
  } else print(json ? asJson({ pid, file: path }) : `${escapeLine(path)}\n`);
  return exitCodes.fine;
}

const teller: Teller = { usage, words: ['PID'], options, tell };

/** `sigkit dump`. Returns an exit code. */
export const dump = async (args: readonly string[]): Promise<number> => run(teller, args);
