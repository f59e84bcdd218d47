import { type MaskReport, SigkitError } from '../base/errors.js';
import { exchanged } from '../base/native.js';

const firstWord = 2;

/** The report that the last change of masks left in the exchange. */
function readReport(): MaskReport {
  const [updated, alreadyBlocked, complete, count] = [0, 1, 2, 3].map((word) => exchanged(firstWord + word));
  const unreachable = Array.from({ length: count ?? 0 }, (_, index) => exchanged(firstWord + 4 + index));
  return { updated: updated ?? 0, alreadyBlocked: alreadyBlocked ?? 0, unreachable, complete: complete === 1 };
}

// Node does not load the module of channels before somebody needs it.
function publish(report: MaskReport): void {
  const masksChannel = process.getBuiltinModule('node:diagnostics_channel').channel('sigkit:masks');
  if (masksChannel.hasSubscribers) masksChannel.publish(report);
}

/** Publishes the report of the last change on the diagnostics channel `sigkit:masks`, and returns it. */
export function publishReport(): MaskReport {
  const report = readReport();
  if (report.updated > 0) publish(report);
  return report;
}

/**
 * The same where blocking itself is the promise.
 * @throws ERR_SIGKIT_UNREACHABLE_THREADS if a thread could not be made to block: the change has been taken back then
 */
export function checkReport(): void {
  const report = publishReport();
  if (report.unreachable.length === 0) return;
  throw new SigkitError(
    'ERR_SIGKIT_UNREACHABLE_THREADS',
    `threads ${report.unreachable.join(', ')} could not be made to block these signals, which could so still end the process`,
    { report },
  );
}
