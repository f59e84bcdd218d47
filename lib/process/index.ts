export {
  getpgid,
  getpgrp,
  getsid,
  isChildSubreaper,
  setChildSubreaper,
  setParentDeathSignal,
  setpgid,
  setsid,
  tcgetpgrp,
  tcsetpgrp,
} from './groups.js';
export { openProcess, type ProcessHandle, waitForExit, type WaitForExitOptions } from './handle.js';
export { spawn } from './spawn.js';
export type { SpawnOptions } from './spawn-request.js';
export type { SpawnedProcess } from './spawned-process.js';
export type { DescriptorStream, Stdio, StdioEntry, StdioStream } from './stdio.js';
export { children, descendants } from './tree.js';
export { decodeWaitStatus, type ResourceUsage, type WaitResult, type WaitStatus } from './wait-status.js';
export type { ReapedOrphan } from './orphans.js';
export { type Reaper, reapOrphans, type ReapOptions } from './reaper.js';
export { waitpid, type WaitpidOptions } from './waitpid.js';
export type { TerminatedMember } from './members.js';
export { terminateGroup, type TerminateOptions, terminateTree, type Termination } from './terminate.js';
