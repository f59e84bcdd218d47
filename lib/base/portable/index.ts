import { type NativeOnly, nativeOnly, unsupported, whereThisIs } from '../unsupported.js';
import type { PipeStream } from './children.js';
import { isClaim } from './claims.js';
import { PortableFunctions } from './functions.js';
import { writeLine } from './line.js';
import { type MissingFunctions, missingFunctions } from './missing.js';
import { namesByNumber, platformSignals } from './signal-names.js';

/** What the portable backend says of itself. */
export interface Portable {
  readonly nativeOnly: readonly NativeOnly[];
  /** The error of one of those. */
  readonly unsupported: (name: NativeOnly) => Error;
  /** The numbers of this platform's signals by name; undefined where they are Linux's. */
  readonly signals: Readonly<Record<string, number>> | undefined;
  /** Whether process.on has a name for it. */
  canListen(number: number): boolean;
  /** Whether a listener of process.on is a claim's. */
  readonly isClaim: (listener: unknown) => boolean;
  /** Under which names exclusive claims keep listeners of others silent. */
  silentNames(): readonly string[];
  /** Those, as process.rawListeners has them. */
  silentListeners(name: string): readonly unknown[];
  /** What the runtime has for one of the pipes that `spawn` has told of. */
  takeStream(end: number): PipeStream | undefined;
  /** What stands for the start time of a group that a child leads; undefined if it is empty, or another one. */
  serialOfGroup(pgid: number): number | undefined;
}

/** The addon's functions of one environment. */
export type PortableNative = PortableFunctions & MissingFunctions;

/** As lib/base/native.ts expects it of the addon. */
export interface PortableAddon {
  readonly abi: number;
  readonly owner: string;
  readonly realtimeMin: number;
  readonly isMainThread: boolean;
  readonly kernelRelease: string;
  readonly portable: Portable;
  attach(onWake: (why: number, ready: number) => void): PortableNative;
}

const realtimeMinOfLinux = 34;
// Elsewhere no signal has such a number: lib/signals/names.ts ends at 64.
const noRealtime = 65;

function announcer(isChosen: boolean): () => void {
  let said = isChosen;
  return () => {
    if (said) return;
    said = true;
    writeLine(
      `on ${whereThisIs()} signals come by process.on: no sender, no value, and deadlines only while the event loop runs (docs/portable.md; SIGKIT_BACKEND=portable keeps this quiet)`,
    );
  };
}

/**
 * An addon without native code, over what every runtime has: process.on and process.kill.
 * @param isChosen whether somebody has asked for it, who needs not be told
 */
export function makePortableAddon(isChosen: boolean): PortableAddon {
  const signals = platformSignals();
  const names = namesByNumber(signals);
  const isLinux = process.platform === 'linux';
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  let functions: PortableNative | undefined;
  return {
    abi: 0,
    owner: '',
    realtimeMin: isLinux ? realtimeMinOfLinux : noRealtime,
    isMainThread,
    kernelRelease: process.getBuiltinModule('node:os').release(),
    portable: {
      nativeOnly,
      unsupported,
      signals: isLinux ? undefined : signals,
      canListen: (number) => names.has(number),
      isClaim,
      silentNames: () => functions?.silentListeners.names() ?? [],
      silentListeners: (name) => functions?.silentListeners.of(name) ?? [],
      takeStream: (end) => functions?.takeStream(end),
      serialOfGroup: (pgid) => functions?.serialOfGroup(pgid),
    },
    attach(onWake) {
      const made = new PortableFunctions({ names, signals, isMainThread, announce: announcer(isChosen), onWake });
      return (functions = Object.assign(made, missingFunctions()));
    },
  };
}
