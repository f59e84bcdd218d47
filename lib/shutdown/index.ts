export { type Closable, closeResource, type CloseOptions } from './adapters/closable.js';
export { type ClusterEnder, endCluster, type EndClusterOptions } from './adapters/cluster.js';
export { closeServer, type CloseServerOptions, type ServerCloser, type ServerOwner } from './adapters/servers.js';
export { endGroup, type EndGroupOptions, type GroupEnder } from './adapters/process-groups.js';
export { endWorkers, type EndWorkersOptions } from './adapters/workers.js';
export { type Health, health, type HealthDetail, type HealthOptions } from './health/health.js';
export type { CheckResult } from './health/health-checks.js';
export type { Progress } from './progress.js';
export { onReload, type ReloadOptions } from './reload/reload.js';
export type { OnHangup, Reloader, ReloadOutcome } from './reload/reloader.js';
export type { ReloadContext, ReloadFailure, ReloadSteps } from './reload/reload-run.js';
export { createShutdown } from './shutdown.js';
export { notifyAbout } from './notify-about.js';
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
