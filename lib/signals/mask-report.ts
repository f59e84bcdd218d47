import { type MaskReport, SigkitError } from '../base/errors.js';
import { exchanged } from '../base/native.js';

const firstWord = 2;

/** The report that the last change of masks left in the exchange. */
function readReport(): MaskReport {
  const unreachable = Array.from({ length: exchanged(firstWord + 2) }, (_, index) => exchanged(firstWord + 3 + index));
  return { updated: exchanged(firstWord), alreadyBlocked: exchanged(firstWord + 1), unreachable };
}

// Node does not load the module of channels before somebody needs it.
function publish(report: MaskReport): void {
  const masksChannel = process.getBuiltinModule('node:diagnostics_channel').channel('sigkit:masks');
  if (masksChannel.hasSubscribers) masksChannel.publish(report);
}

/**
 * Publishes the report of the last change on the diagnostics channel `sigkit:masks`.
 * @throws ERR_SIGKIT_UNREACHABLE_THREADS if a thread could not be made to block: the change has been taken back then
 */
export function checkReport(): void {
  const report = readReport();
  if (report.updated > 0) publish(report);
  if (report.unreachable.length === 0) return;
  throw new SigkitError(
    'ERR_SIGKIT_UNREACHABLE_THREADS',
    `threads ${report.unreachable.join(', ')} could not be made to block these signals, which could so still end the process`,
    { report },
  );
}
