export type { Environment, EnvironmentOptions } from './environment.js';
export {
  type InheritedDescriptor,
  type InheritedDescriptors,
  type InheritedKind,
  listenDescriptors,
  listenOn,
} from './listen-fds.js';
export {
  type BarrierOptions,
  type BarrierOutcome,
  type Notifier,
  type NotifierOptions,
  type NotifyOutcome,
  openNotifier,
  type StoreOptions,
} from './notify.js';
export type { NotifyState } from './protocol.js';
export { openWatchdog, type Watchdog, type WatchdogOptions } from './watchdog.js';
