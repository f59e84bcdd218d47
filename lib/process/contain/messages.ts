import { decodeWaitStatus, type WaitResult } from '../wait-status.js';

// native/init/teller.h has the same.
export const told = { born: 1, failed: 2, refused: 3, changed: 4, left: 5, ended: 6 } as const;
export const messageSize = 128;
const usageAt = 32;
const nameAt = 104;

/** What a supervisor tells of its job. */
export interface Message {
  readonly kind: number;
  readonly pid: number;
  /** Of wait(2), -1: none; of what has failed, the step. */
  readonly status: number;
  /** A negative errno, or 0. */
  readonly error: number;
  readonly bytes: Buffer;
}

function doubleAt(bytes: Buffer, index: number): number {
  return process.getBuiltinModule('node:os').endianness() === 'LE'
    ? bytes.readDoubleLE(index)
    : bytes.readDoubleBE(index);
}

/** The first message of these bytes. */
export function readMessage(bytes: Buffer): Message {
  const [kind = 0, pid = 0, status = 0, error = 0] = [0, 8, 16, 24].map((at) => doubleAt(bytes, at));
  return { kind, pid, status, error, bytes };
}

/** The name of one that was left. */
export function nameIn({ bytes }: Message): string {
  const end = bytes.indexOf(0, nameAt);
  return bytes.toString('utf8', nameAt, end < 0 ? messageSize : Math.min(end, messageSize));
}

/** How the command has ended. */
export function resultIn({ pid, status, bytes }: Message): WaitResult {
  const used = (index: number): number => doubleAt(bytes, usageAt + index * 8);
  return {
    pid,
    ...decodeWaitStatus(status),
    rusage: {
      userCPUTime: used(0),
      systemCPUTime: used(1),
      maxRSS: used(2),
      minorPageFault: used(3),
      majorPageFault: used(4),
      fsRead: used(5),
      fsWrite: used(6),
      voluntaryContextSwitches: used(7),
      involuntaryContextSwitches: used(8),
    },
  };
}
