import path from 'node:path';

import { fs } from '../base/builtins.js';
import { isError, SigkitError, type SystemError, systemError } from '../base/errors.js';
import { type DumpLimits, makeRoom, roomIn } from './dump-limits.js';
import { utcNow } from './utc.js';

export { type DumpLimits, usualLimits } from './dump-limits.js';

/** What is written to a file; a function writes it to the descriptor that it is given. */
export type DumpContent = string | Uint8Array | ((fd: number) => void);

/** Where dumps are written: a directory of this user alone. */
export interface DumpFolder extends Disposable {
  /** The directory itself, for openat(2). Whoever replaces its name by a link meanwhile changes nothing. */
  readonly fd: number;
  /** How many bytes a new file may have, by the limits. @throws ERR_SIGKIT_DIAGNOSTICS_DIRECTORY if none may be made */
  room(): number;
  /**
   * Makes the file `PID-UTC-kind.extension`, which has this name only when it is whole, and returns its path.
   * @throws ERR_SIGKIT_DIAGNOSTICS_DIRECTORY without room, ENOSPC, ENOENT and their like; nothing is left then
   */
  write(kind: string, extension: string, content: DumpContent): string;
  close(): void;
}

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = fs.constants;
const writableByOthers = 0o022;

function refused(directory: string, why: string, cause?: unknown): SigkitError {
  return new SigkitError(
    'ERR_SIGKIT_DIAGNOSTICS_DIRECTORY',
    `no dumps can be written to ${directory}: ${why}`,
    cause === undefined ? {} : { cause },
  );
}

const codeOf = (error: unknown): unknown => (isError(error) && 'code' in error ? error.code : undefined);

const isSystemError = (error: unknown): error is SystemError =>
  isError(error) && 'syscall' in error && typeof error.syscall === 'string' && 'errno' in error;

function makeUnlessThere(directory: string): void {
  try {
    fs.mkdirSync(directory, 0o700);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function openDirectory(directory: string): number {
  try {
    makeUnlessThere(directory);
    return fs.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    const isLink = ['ELOOP', 'ENOTDIR'].includes(String(codeOf(error)));
    throw refused(directory, isLink ? 'it is a symbolic link, or no directory' : String(error), error);
  }
}

function unfit(fd: number): string | undefined {
  const { uid, mode } = fs.fstatSync(fd);
  if (uid !== process.geteuid?.()) return `it belongs to user ${uid}`;
  return (mode & writableByOthers) === 0 ? undefined : 'others may write to it';
}

/**
 * Opens a directory for dumps, and makes it if it is not there, in one that is.
 * @throws ERR_SIGKIT_DIAGNOSTICS_DIRECTORY if it is a link, somebody else's, or one that others may write to
 */
export function openDumpFolder(directory: string, limits: DumpLimits): DumpFolder {
  const absolute = path.resolve(directory);
  const fd = openDirectory(absolute);
  try {
    const why = unfit(fd);
    if (why !== undefined) throw refused(absolute, why);
    return new OpenFolder(fd, limits);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

const sizeOf = (content: DumpContent): number => (typeof content === 'function' ? 0 : Buffer.byteLength(content));

class OpenFolder implements DumpFolder {
  readonly fd: number;
  readonly #limits: DumpLimits;
  #open = true;

  constructor(fd: number, limits: DumpLimits) {
    this.fd = fd;
    this.#limits = limits;
  }

  // Not by its name, which may have become that of something else.
  get #own(): string {
    if (!this.#open) throw new SigkitError('ERR_SIGKIT_CLOSED', 'the directory for dumps has been closed');
    return `/proc/self/fd/${this.fd}`;
  }

  room(): number {
    const room = roomIn(this.#own, this.#limits);
    if (typeof room === 'string') throw this.#full(room);
    return room;
  }

  write(kind: string, extension: string, content: DumpContent): string {
    this.#makeRoom(sizeOf(content));
    const told = fs.readlinkSync(this.#own);
    try {
      return path.join(told, this.#create(`${process.pid}-${utcNow()}-${kind}`, extension, content));
    } catch (error) {
      throw isSystemError(error) ? systemError(error.syscall, error.errno, told) : error;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs.closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #full(why: string): SigkitError {
    return refused(fs.readlinkSync(this.#own), why);
  }

  #makeRoom(bytes: number, except?: string): void {
    const why = makeRoom(this.#own, bytes, this.#limits, except);
    if (why !== undefined) throw this.#full(why);
  }

  #create(stem: string, extension: string, content: DumpContent): string {
    for (let count = 1; ; count += 1) {
      const name = `${stem}${count === 1 ? '' : `-${count}`}.${extension}`;
      const file = this.#reserve(name);
      if (file === undefined) continue;
      this.#fill(name, file, content);
      return name;
    }
  }

  // Who has the hidden name has the other one as well, if it is free.
  #reserve(name: string): number | undefined {
    const hidden = `${this.#own}/.${name}`;
    try {
      const file = fs.openSync(hidden, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
      if (fs.lstatSync(`${this.#own}/${name}`, { throwIfNoEntry: false }) === undefined) return file;
      fs.closeSync(file);
      fs.unlinkSync(hidden);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    return undefined;
  }

  #fill(name: string, file: number, content: DumpContent): void {
    const hidden = `.${name}`;
    try {
      try {
        if (typeof content === 'function') content(file);
        else fs.writeFileSync(file, content);
        this.#makeRoom(fs.fstatSync(file).size, hidden);
      } finally {
        // A quota, or a disk in another machine, may be told of here.
        fs.closeSync(file);
      }
      fs.renameSync(`${this.#own}/${hidden}`, `${this.#own}/${name}`);
    } catch (error) {
      fs.rmSync(`${this.#own}/${hidden}`, { force: true });
      throw error;
    }
  }
}
