import type { DiagnosticRequest } from '../answering.js';
import type { DumpAsked } from './types.js';

export function askedOf({ info, merged, name, command }: DiagnosticRequest): DumpAsked {
  const { signal, number, code, pid, uid, value = null } = info;
  return { signal, number, code, pid, uid, value, merged, name, command };
}
