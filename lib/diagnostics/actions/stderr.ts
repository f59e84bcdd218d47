import { fs } from '../../base/builtins.js';
import { escapeLine } from '../../base/escape.js';

// Whoever has left the other end of a pipe unread must not stop the program: opened anew, it may be full.
function writeToPipe(text: string): void {
  const { O_WRONLY, O_NONBLOCK } = fs.constants;
  const fd = fs.openSync('/proc/self/fd/2', O_WRONLY | O_NONBLOCK);
  try {
    fs.writeSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}

/** A line for the operator, at once, also while the process ends. It is lost where stderr does not take it. */
export function tellOperator(line: string): void {
  const text = `sigkit: ${escapeLine(line)}\n`;
  try {
    if (fs.fstatSync(2).isFIFO()) writeToPipe(text);
    else fs.writeSync(2, text);
  } catch {
    // There is nobody else to tell.
  }
}
