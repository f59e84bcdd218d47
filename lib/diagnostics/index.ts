export type { StackFrame } from './frames.js';
export { type Diagnostics, type DiagnosticsOptions, openDiagnostics } from './open.js';
export { type CaptureOptions, captureStacks, type ThreadStack, type ThreadState } from './stacks.js';
