import { kernelRelease, loadError, portable, realtimeMin } from '../base/native.js';
import { hasOwnProc } from '../base/own-proc.js';
import { lastSignal } from './names.js';

/** What this machine offers. Reading it never throws. */
export interface Capabilities {
  /** Whether sigkit's calls work here. */
  readonly supported: boolean;
  /** Why not: the code of the error that each call throws; else null. */
  readonly reason: string | null;
  /** What does the work: the addon, or process.on (docs/portable.md); null if nothing does. */
  readonly backend: 'native' | 'portable' | null;
  /** Functions that throw ERR_SIGKIT_UNSUPPORTED here, by name. */
  readonly unsupported: readonly string[];
  readonly platform: string;
  /** The kernel's release as [major, minor]. */
  readonly kernel: readonly [number, number];
  /** Numbers of the first and the last real-time signal. */
  readonly realtime: { readonly min: number; readonly max: number };
  /** pidfd_open(2), kernel 5.3: handles on processes that no recycled pid can confuse. */
  readonly pidfd: boolean;
  /** A pidfd can signal a whole group: PIDFD_SIGNAL_PROCESS_GROUP, kernel 6.9. */
  readonly pidfdGroups: boolean;
  /**
   * /proc is there and speaks of this process's pid namespace, now. If not, claims work by their signal handler alone, and what
   * lists threads or processes throws ERR_SIGKIT_FOREIGN_PROC.
   */
  readonly ownProc: boolean;
}

function kernelVersion(): readonly [number, number] {
  const [major = 0, minor = 0] = kernelRelease.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return [major, minor];
}

const kernel = kernelVersion();
const addon = process.platform === 'linux' && portable === undefined;

function isAtLeast(major: number, minor: number): boolean {
  return addon && (kernel[0] > major || (kernel[0] === major && kernel[1] >= minor));
}

function seesOwnProc(): boolean {
  try {
    return loadError === undefined && hasOwnProc();
  } catch {
    // In an environment that is being torn down.
    return false;
  }
}

export const capabilities: Capabilities = Object.freeze({
  supported: loadError === undefined,
  reason: loadError?.code ?? null,
  backend: loadError !== undefined ? null : portable === undefined ? 'native' : 'portable',
  unsupported: Object.freeze([...(portable?.nativeOnly ?? [])]),
  platform: process.platform,
  kernel,
  realtime: Object.freeze({ min: realtimeMin, max: lastSignal }),
  pidfd: isAtLeast(5, 3),
  pidfdGroups: isAtLeast(6, 9),
  get ownProc(): boolean {
    return seesOwnProc();
  },
});
