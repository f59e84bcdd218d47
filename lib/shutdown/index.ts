export { type Closable, closeResource, type CloseOptions } from './adapters/closable.js';
export { type ClusterEnder, endCluster, type EndClusterOptions } from './adapters/cluster.js';
export { closeServer, type CloseServerOptions, type ServerCloser } from './adapters/http.js';
export { endGroup, type EndGroupOptions, type GroupEnder } from './adapters/process-groups.js';
export { endWorkers, type EndWorkersOptions } from './adapters/workers.js';
export { type Health, health, type HealthDetail, type HealthOptions } from './health.js';
export type { CheckResult } from './health-checks.js';
export type { Progress } from './progress.js';
export { onReload, type ReloadOptions } from './reload.js';
export type { OnHangup, Reloader, ReloadOutcome } from './reloader.js';
export type { ReloadContext, ReloadFailure, ReloadSteps } from './reload-run.js';
export { createShutdown } from './shutdown.js';
export type { Environment, EnvironmentOptions } from './systemd/environment.js';
export { type InheritedDescriptor, type InheritedKind, listenDescriptors, listenOn } from './systemd/listen-fds.js';
export { notifyAbout } from './systemd/notify-about.js';
export {
  type BarrierOptions,
  type BarrierOutcome,
  type Notifier,
  type NotifierOptions,
  type NotifyOutcome,
  openNotifier,
} from './systemd/notify.js';
export type { NotifyState } from './systemd/protocol.js';
export { openWatchdog, type Watchdog, type WatchdogOptions } from './systemd/watchdog.js';
export type {
  Hook,
  HookContext,
  HookOptions,
  HookResult,
  Participant,
  Shutdown,
  ShutdownOptions,
  ShutdownResult,
  ShutdownState,
  StageOptions,
  Transition,
} from './types.js';
