export { type MaskReport, SigkitError, type SigkitErrorCode, type SystemError } from './base/errors.js';
export {
  type AbortOnSignalOptions,
  abortOnSignal,
  type SignalAbort,
  type SignalAbortReason,
} from './signals/abort-on-signal.js';
export type { Signals } from './signals/arguments.js';
export { type Capabilities, capabilities } from './signals/capabilities.js';
export { type Disposition, disposition, ignoreSignals, resetSignals } from './signals/dispositions.js';
export {
  type BlockedSection,
  blockSignals,
  type MaskHow,
  pthreadSigmask,
  sigpending,
  sigprocmask,
  withClaimsOpen,
  withSignalsBlocked,
} from './signals/masks.js';
export {
  type DefaultAction,
  describeSignal,
  type Signal,
  type SignalDescription,
  type SignalName,
  signalName,
  signalNumber,
  validSignals,
} from './signals/names.js';
export { signals, type SignalsOptions } from './signals/open.js';
export { exitBySignal, kill, killpg, sigqueue, tgkill } from './signals/send.js';
export type { SignalInfo, SignalOrigin } from './signals/signal-info.js';
export type { SignalStream } from './signals/stream.js';
export { type ThreadInfo, type ThreadList, threads } from './signals/threads.js';
export { waitForSignal, type WaitOptions } from './signals/wait.js';
