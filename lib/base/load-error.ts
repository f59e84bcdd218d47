import { isError, SigkitError, type SigkitErrorCode } from './errors.js';
import type { Machine } from './machine.js';

/** One file that was to be the addon, and what came of it. */
export interface Attempt {
  readonly file: string;
  readonly cause: unknown;
  /** SIGKIT_ADDON names it. */
  readonly named?: boolean;
}

interface Finding {
  readonly code: SigkitErrorCode;
  readonly message: string;
}

// Each looks for one cause, and knows what helps. glibc and musl word it differently, so the file itself is asked where it can tell.
type Finder = (attempt: Attempt, text: string, machine: Machine) => Finding | undefined;

const addonsDisabled: Finder = ({ cause }, _text, { addonsForbiddenBy }) =>
  codeOf(cause) === 'ERR_DLOPEN_DISABLED'
    ? { code: 'ERR_SIGKIT_ADDONS_DISABLED', message: `this process may load no addon: ${addonsForbiddenBy}` }
    : undefined;

const wrongArchitecture: Finder = ({ file }, _text, { architectureOf, architecture, command }) => {
  const found = architectureOf(file);
  if (found === undefined || found === architecture) return undefined;
  const what = found === 'none' ? 'no binary of Linux' : `for ${found}`;
  return {
    code: 'ERR_SIGKIT_WRONG_ARCHITECTURE',
    message: `${file} is ${what}, and this Node is for ${architecture}: install sigkit again here, or run \`${command}\``,
  };
};

const tooOldLibrary: Finder = ({ file }, text, { glibc, command }) => {
  const [, name, needed] = /version [`'"](GLIBC(?:XX)?)_([\d.]+)' not found/.exec(text) ?? [];
  if (name === undefined || needed === undefined) return undefined;
  const what =
    name === 'GLIBC' ? `glibc ${needed}, and this is ${glibc ?? 'another libc'}` : `a libstdc++ with ${name}_${needed}`;
  return {
    code: 'ERR_SIGKIT_OLD_LIBRARY',
    message: `${file} needs ${what}: run \`${command}\` on this system, or take a newer one`,
  };
};

const otherLibc: Finder = ({ file }, text, { glibc, command }) => {
  if (!/ld-linux|ld-musl|libc\.musl|\blibc\.so(?:\.6)?: |Error relocating/.test(text)) return undefined;
  const [theirs, ours] = glibc === undefined ? ['glibc', 'musl'] : ['musl', 'glibc'];
  return {
    code: 'ERR_SIGKIT_WRONG_LIBC',
    message: `${file} is for ${theirs}, and this Node is for ${ours}: run \`${command}\` on this system, or delete that file if it was built elsewhere`,
  };
};

const noexec: Finder = ({ file }, text) =>
  /failed to map segment from shared object(?!: Cannot allocate)/.test(text)
    ? {
        code: 'ERR_SIGKIT_NOEXEC',
        message: `${file} is on a file system from which nothing may be executed (mount option noexec, or a policy): install elsewhere, or copy that file and name the copy by SIGKIT_ADDON=/its/path`,
      }
    : undefined;

const finders: readonly Finder[] = [addonsDisabled, tooOldLibrary, noexec, otherLibc, wrongArchitecture];

const forbidding = ['ERR_DLOPEN_DISABLED', 'ERR_ACCESS_DENIED'];

function codeOf(cause: unknown): unknown {
  return isError(cause) && 'code' in cause ? cause.code : undefined;
}

// The stack of files that asked stands below the first line.
function textOf(cause: unknown): string {
  return (isError(cause) ? cause.message : String(cause)).split('\n', 1)[0] ?? '';
}

function missing(attempts: readonly Attempt[], { command, architecture }: Machine): Finding {
  const named = attempts.find((attempt) => attempt.named);
  const last = attempts.at(-1);
  const message =
    named !== undefined
      ? `SIGKIT_ADDON names ${named.file}, which is not there`
      : last === undefined
        ? `there is no prebuilt addon for linux-${architecture}: run \`${command}\`, which compiles it`
        : `${last.file} is not there: it was left out when sigkit was installed, copied or bundled. ` +
          `Install it again, run \`${command}\`, or name a file by SIGKIT_ADDON=/its/path`;
  return { code: 'ERR_SIGKIT_NOT_BUILT', message };
}

/**
 * Why the addon is not there, of all that was tried, in that order: by the first file that exists. Without an attempt, nothing has
 * been made for this processor.
 */
export function loadErrorOf(attempts: readonly Attempt[], machine: Machine): SigkitError {
  // Where Node forbids it, nobody gets as far as to look for the file.
  const there = attempts.find(({ file, cause }) => forbidding.includes(String(codeOf(cause))) || machine.exists(file));
  if (there === undefined) {
    const { code, message } = missing(attempts, machine);
    const cause = attempts.at(-1)?.cause;
    return new SigkitError(code, message, cause === undefined ? {} : { cause });
  }
  const text = textOf(there.cause);
  const found = finders.map((find) => find(there, text, machine)).find((finding) => finding !== undefined);
  const { code, message } = found ?? {
    code: 'ERR_SIGKIT_NOT_LOADED',
    message: `${there.file} cannot be loaded (${text}): install sigkit again, or run \`${machine.command}\``,
  };
  return new SigkitError(code, message, { cause: there.cause });
}
