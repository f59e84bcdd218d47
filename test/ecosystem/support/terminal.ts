import { onTerminal } from '../../support/terminal.js';
import type { Options } from './beside.js';

const compare =
  'trap : INT; stty cols 80 rows 24; before=$(stty -g); "$@"; code=$?; [ "$(stty -g)" = "$before" ] && state=as-before; echo "ended $code $state"';

// The last that was said of the cursor counts.
function cursorIn(output: string): string {
  const shown = output.lastIndexOf('\x1b[?25h');
  const hidden = output.lastIndexOf('\x1b[?25l');
  if (hidden === -1) return 'never hidden';
  return shown > hidden ? 'shown again' : 'hidden';
}

/**
 * Runs a program on a terminal of its own. Of what it draws, which depends on time, only the cursor is compared; and
 * what it says of itself, its exit code and the state that the terminal is left in.
 */
export const inTerminal: Options & Required<Pick<Options, 'told'>> = {
  wrapper: [...onTerminal, 'sh', '-c', compare, 'sh'],
  env: { TERM: 'xterm' },
  // The end of its input would hang up.
  drive: () => Promise.resolve(),
  told(stdout: string): string {
    const said = [...stdout.matchAll(/(?:SIG\w+: stopping|then \w+|stopped|ended .*)(?=\r?$)/gm)].map(([line]) =>
      line.trim(),
    );
    return [...said, `cursor ${cursorIn(stdout)}`].join('\n');
  },
};
