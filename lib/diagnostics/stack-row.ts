import type { StackRow } from '../base/native.js';
import { framesIn, nativeFramesIn, textOf } from './frames.js';
import { inSource } from './source-maps.js';
import type { ThreadStack } from './thread-stack.js';

// In the order of native/hub/javascript_threads.h.
const states = ['running', 'idle', 'native', 'unreachable'] as const;

/** What the addon tells of a thread. */
export function stackOf([
  threadId,
  name,
  tid,
  activity,
  blockedMs,
  frames,
  call,
  callName,
  place,
  ...nativeFrames
]: StackRow): ThreadStack {
  const state = states[activity] ?? 'unreachable';
  const printed = framesIn(frames);
  const isNative = state === 'native';
  return {
    name: threadId === 0 ? 'main' : name,
    threadId,
    tid,
    state,
    blockedMs,
    frames: printed.frames.map((frame) => inSource(frame)),
    framesOmitted: printed.framesOmitted,
    syscall: isNative && call >= 0 ? (textOf(callName) ?? `syscall ${call}`) : null,
    waitsIn: isNative ? textOf(place) : null,
    nativeFrames: nativeFramesIn(nativeFrames),
  };
}
