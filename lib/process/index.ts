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
export { initPath } from './init-path.js';
export { openProcess, type ProcessHandle, waitForExit, type WaitForExitOptions } from './waiting/handle.js';
export { spawn, type TerminalProcess } from './spawn/spawn.js';
export type { Terminal } from './spawn/terminal.js';
export type { TerminalOptions } from './spawn/terminal-options.js';
export type { ChildSettings, LimitValue, Resource, ResourceLimit } from './spawn/child-settings.js';
export { run } from './run/run.js';
export { pipeline, type PipelineOptions, type Stage, type StageOptions } from './run/pipeline.js';
export type { PipelineResult } from './run/chain.js';
export { $, type Template, type TemplateArgument } from './run/template.js';
export type { FileSink, Input, RunOptions, RunScope, Sink } from './run/options.js';
export type { EndReason, RunResult, RunUsage } from './run/result.js';
export { RunError } from './run/run-error.js';
export type { LinesOptions, Run } from './run/run-object.js';
export type { SourcedLine } from './run/lines.js';
export type { JobUsage } from './contain/cgroup.js';
export type { ContainmentKind, ContainOptions, LeftProcess } from './contain/containment.js';
export type { SpawnOptions } from './spawn/spawn-request.js';
export type { SpawnedProcess, SpawnResult } from './spawn/spawned-process.js';
export type { DescriptorStream, Stdio, StdioEntry, StdioStream } from './spawn/stdio-types.js';
export { children, descendants } from './ending/tree.js';
export { decodeWaitStatus, type ResourceUsage, type WaitResult, type WaitStatus } from './wait-status.js';
export type { ReapedOrphan } from './waiting/orphans.js';
export { type Reaper, reapOrphans, type ReapOptions } from './waiting/reaper.js';
export { waitpid, type WaitpidOptions } from './waiting/waitpid.js';
export type { TerminatedMember } from './ending/member.js';
export type { Termination } from './ending/members.js';
export { terminateGroup, terminateTree } from './ending/terminate.js';
export type { TerminateOptions } from './ending/wish.js';
