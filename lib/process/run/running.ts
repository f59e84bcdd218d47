import type { Socket } from 'node:net';

import type { Signal } from '../../signals/names.js';
import type { Kept } from './kept.js';
import type { From } from './options.js';
import type { Output } from './output.js';
import type { EndReason, RunResult } from './result.js';

/** An output that is a pipe to this process. */
export interface OpenOutput {
  readonly from: From;
  readonly output: Output;
  /** Whether the result has it. */
  readonly isKept: boolean;
}

/** A command, or several in a row, as the caller has it. */
export interface Running {
  readonly pid: number;
  readonly stdin: Socket | null;
  readonly outputs: readonly OpenOutput[];
  readonly kept: Kept;
  /** Rejects only with what `exited` of a child does. */
  readonly result: Promise<RunResult<string | Buffer>>;
  /** False if nobody is left. */
  kill(sig: Signal): boolean;
  /** Ends it in its scope. The first reason is the one that counts. */
  end(reason: EndReason, cause?: unknown): void;
}
