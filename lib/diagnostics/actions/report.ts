import type { DumpFolder } from '../files.js';
import { captureStacks } from '../stacks.js';
import { type ActionOutcome, refusal, written } from './action.js';

// Of Node 20.13: without it, the names of all peers are asked of DNS, one by one, while the program stands still.
type Reporter = NonNullable<NodeJS.Process['report']> & { excludeNetwork?: boolean };

interface Report {
  readonly header: { commandLine: readonly string[] };
  environmentVariables?: unknown;
  readonly workers?: readonly Report[];
}

function withoutSecrets(report: Report): void {
  delete report.environmentVariables;
  report.header.commandLine = report.header.commandLine.slice(0, 1);
  for (const worker of report.workers ?? []) withoutSecrets(worker);
}

function readReport(reporter: Reporter): Report {
  const before = reporter.excludeNetwork;
  try {
    if (before !== undefined) reporter.excludeNetwork = true;
    return reporter.getReport() as unknown as Report;
  } finally {
    if (before !== undefined) reporter.excludeNetwork = before;
  }
}

/** Node's diagnostic report, without the environment and the arguments. */
export function report(folder: DumpFolder): ActionOutcome {
  // Node waits for them all, and these do not answer until they are done.
  const deaf = captureStacks().find(({ state, threadId }) => state === 'native' && threadId !== 0);
  if (deaf !== undefined)
    return refusal(`Node would wait for ${deaf.name}, which is in native code (${deaf.syscall ?? 'computes'})`);
  folder.room();
  const made = readReport(process.report);
  withoutSecrets(made);
  return written(folder.write('report', 'json', JSON.stringify(made, null, 2)), 'without environment and arguments');
}
