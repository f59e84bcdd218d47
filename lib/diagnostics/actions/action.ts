import { isError } from '../../base/errors.js';
import type { DiagnosticAction } from '../requestable.js';

/** What an operator may ask for beside a dump and stacks, which need no turn of the event loop. */
export type ActionName = Exclude<DiagnosticAction, 'dump' | 'stacks'>;

/** Who asked, as far as the signal tells. */
export interface Asked {
  readonly signal: string;
  readonly pid: number | null;
  readonly uid: number | null;
  readonly value: number | null;
}

export interface ActionRequest {
  readonly action: ActionName;
  /** How long a profile lasts. */
  readonly seconds: number;
  readonly asked: Asked;
}

export interface ActionOutcome {
  /** The file that has been written. */
  readonly file: string | null;
  /** Why it was refused, or has failed. */
  readonly error: string | null;
  /** What is to be known of it besides: where the inspector listens, for how long the program stood still. */
  readonly note: string | null;
}

export const refusal = (error: string): ActionOutcome => ({ file: null, error, note: null });

export const written = (file: string, note: string | null): ActionOutcome => ({ file, error: null, note });

// Node 20 says only that something is restricted.
const restriction = (error: Error): string =>
  'permission' in error ? ` (${String(error.permission)} ${'resource' in error ? String(error.resource) : ''})` : '';

/** What was thrown, for an outcome. */
export const telling = (thrown: unknown): string =>
  isError(thrown) ? `${thrown.message.trim()}${restriction(thrown)}` : String(thrown);
