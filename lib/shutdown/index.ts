export { createShutdown } from './shutdown.js';
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
