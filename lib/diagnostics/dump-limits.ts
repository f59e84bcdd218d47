import { fs } from '../base/builtins.js';

export interface DumpLimits {
  /** Of all dumps in the folder together. */
  readonly maxBytes: number;
  readonly maxFiles: number;
}

interface Dump {
  readonly path: string;
  readonly bytes: number;
  readonly ageMs: number;
  readonly whole: boolean;
}

export const usualLimits: DumpLimits = { maxBytes: 2 ** 30, maxFiles: 20 };

const dumpName = /^\.?\d+-\d{8}T\d{6}\.\d{3}Z-[a-z-]+(?:-\d+)?\.\w+$/;
// Of an incident the first dumps tell most, so a storm of later ones replaces none of them; what is older than it makes room.
const keptMs = 86_400_000;
// Who has not written for so long has been killed meanwhile.
const abandonedMs = 3_600_000;

const isExpired = ({ ageMs, whole }: Dump): boolean => ageMs > (whole ? keptMs : abandonedMs);
const bytesOf = (dumps: readonly Dump[]): number => dumps.reduce((sum, { bytes }) => sum + bytes, 0);

// Whole or not, by whichever process: what is left of one that has been killed fills the disk, too.
function dumpsIn(folder: string, except: string): readonly Dump[] {
  const found: Dump[] = [];
  for (const name of fs.readdirSync(folder)) {
    if (!dumpName.test(name) || name === except) continue;
    const path = `${folder}/${name}`;
    const status = fs.lstatSync(path, { throwIfNoEntry: false });
    if (status?.isFile() !== true) continue;
    found.push({ path, bytes: status.size, ageMs: Date.now() - status.mtimeMs, whole: !name.startsWith('.') });
  }
  return found.sort((one, other) => other.ageMs - one.ageMs);
}

function roomBeside(dumps: readonly Dump[], { maxBytes, maxFiles }: DumpLimits): number | string {
  const kept = dumps.filter((dump) => !isExpired(dump));
  if (kept.length >= maxFiles) return `it has ${kept.length} dumps of less than a day, and may have ${maxFiles}`;
  return maxBytes - bytesOf(kept);
}

/** How many bytes one more file may have, as what is old makes room for it; a text if there may be none. */
export const roomIn = (folder: string, limits: DumpLimits): number | string => roomBeside(dumpsIn(folder, ''), limits);

/** Removes what is unfinished, and the oldest of what else may go until one more file of this size fits. Returns why it does not fit, if so. */
export function makeRoom(folder: string, bytes: number, limits: DumpLimits, except = ''): string | undefined {
  const dumps = dumpsIn(folder, except);
  const room = roomBeside(dumps, limits);
  if (typeof room === 'string') return room;
  if (bytes > room) return `${bytes} bytes are too many: ${Math.max(room, 0)} of ${limits.maxBytes} are left`;
  let files = dumps.length;
  let sum = bytesOf(dumps);
  const old = dumps.filter((dump) => isExpired(dump)).sort((one, other) => Number(one.whole) - Number(other.whole));
  for (const dump of old) {
    if (dump.whole && files < limits.maxFiles && sum + bytes <= limits.maxBytes) continue;
    fs.rmSync(dump.path, { force: true });
    files -= 1;
    sum -= dump.bytes;
  }
  return undefined;
}
