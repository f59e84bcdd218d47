import { fs } from '../base/builtins.js';
import type { SignalMask } from './signal-mask.js';

/** The lines of a /proc/PID/status by their labels (proc_pid_status(5)). */
export type StatusFields = ReadonlyMap<string, string>;

/** Of a process or, from its task folder, of a thread. Throws what reading a file throws. */
export function readStatus(path: string): StatusFields {
  const lines = fs.readFileSync(path, 'utf8').split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

/** The set behind a label such as `SigBlk`. */
export function maskIn(fields: StatusFields, label: string): SignalMask {
  const bits = BigInt(`0x${fields.get(label) ?? '0'}`);
  return { low: Number(bits & 0xffffffffn), high: Number(bits >> 32n) };
}
