// node --import sigkit/diagnostics/register: what an operator may ask, without a line in the program.
import { isMainThread } from '../../base/native.js';
import { openDiagnostics } from '../open.js';

const variable = 'SIGKIT_DIAGNOSTICS_SIGS';

/** As the environment says, names with commas between; none if that is empty. */
function wantedSignals(): readonly string[] {
  const text = process.env[variable] ?? 'SIGQUIT';
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

// A program must start though nobody can be asked anything.
function open(sigs: readonly string[]): void {
  try {
    openDiagnostics({ sigs: sigs as Iterable<never> });
  } catch (cause) {
    process.emitWarning(`sigkit/diagnostics/register answers no signal: ${String(cause)}`, 'SigkitWarning');
  }
}

const sigs = wantedSignals();
if (isMainThread && sigs.length > 0) open(sigs);
