import { tellOf } from '../../base/told.js';
import type { WaitResult } from '../wait-status.js';
import { noteEnd } from './child-ends.js';

/** A running child of our own spawn. */
export interface OwnChild {
  /** Reaps it if it has exited. */
  collect(): WaitResult | null;
}

// Also what keeps a running child's object from being collected.
const own = new Map<number, OwnChild>();

export function addOwnChild(pid: number, child: OwnChild): void {
  own.set(pid, child);
}

export function removeOwnChild(pid: number): void {
  own.delete(pid);
  noteEnd(pid);
}

export function ownChild(pid: number): OwnChild | undefined {
  return own.get(pid);
}

export function ownChildren(): number[] {
  return [...own.keys()];
}

tellOf('children', ownChildren);
