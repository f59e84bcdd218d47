import { SigkitError, systemError } from '../base/errors.js';
import { escapeLine } from '../base/escape.js';
import { thisMachine } from '../base/machine.js';
import { native } from '../base/native.js';
import { packageRoot } from '../base/package-root.js';
import { initPath } from '../process/init-path.js';
import { parseSignal } from '../signals/names.js';
import { maskOf } from '../signals/signal-mask.js';

// Node ignores these two when it starts, and an ignored signal would stay so in sigkit-init and in its child.
const ignoredByNode = ['SIGPIPE', 'SIGXFSZ'] as const;
const cannotStart = 125;

function replace(args: readonly string[]): never {
  const { low, high } = maskOf(ignoredByNode.map((name) => parseSignal(name, 'name')));
  // Of sigkit/early in NODE_OPTIONS: masks stay, too.
  native().giveBackEarly(~0 >>> 0, ~0 >>> 0);
  const argv = ['sigkit-init', ...args].map((text) => `${text}\0`).join('');
  throw systemError('execve', native().execve(initPath, argv, low, high), initPath);
}

/** Replaces this process by `sigkit-init`, with execve(2): the same pid, and no Node stays. Returns an exit code if that fails. */
export function init(args: readonly string[]): number {
  try {
    return replace(args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const hint =
      error instanceof SigkitError ? '' : `: install sigkit again, or run \`${thisMachine(packageRoot).command}\``;
    process.stderr.write(`sigkit: ${escapeLine(error.message)}${hint}\n`);
    return cannotStart;
  }
}
