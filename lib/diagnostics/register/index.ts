// node --import sigkit/diagnostics/register: what an operator may ask, without a line in the program.
import { isMainThread } from '../../base/native.js';
import { type DiagnosticsOptions, openDiagnostics } from '../open.js';
import type { SignalActions } from '../requestable.js';

const variable = (name: string): string | undefined => process.env[`SIGKIT_DIAGNOSTICS_${name}`];

/** What stands between commas. */
const listIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

// As the environment says. What it says wrongly is told by what takes it.
function wanted(): DiagnosticsOptions & { readonly sigs: readonly never[] } {
  const directory = variable('DIRECTORY') || undefined;
  const actionSignal = variable('ACTION_SIG');
  const uids = variable('ALLOW_UIDS');
  return {
    sigs: listIn(variable('SIGS') ?? 'SIGQUIT') as readonly never[],
    directory,
    actions:
      actionSignal === undefined || directory === undefined
        ? undefined
        : ({ [actionSignal]: 'byValue' } as SignalActions),
    allow: uids === undefined ? undefined : { uids: listIn(uids).map(Number) },
  };
}

// A program must start though nobody can be asked anything.
function open(options: DiagnosticsOptions): void {
  try {
    openDiagnostics(options);
  } catch (cause) {
    process.emitWarning(`sigkit/diagnostics/register answers no signal: ${String(cause)}`, 'SigkitWarning');
  }
}

const options = wanted();
if (isMainThread && (options.sigs.length > 0 || options.directory !== undefined)) open(options);
