import { fs } from '../../base/builtins.js';

const mostBytes = 2 ** 26;

/** What a process has written. */
export class AnswerFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Reads it by a path that leads nowhere else meanwhile. Its owner says where it is, and may have put anything there: nothing that makes its
   * reader wait, or is without end.
   */
  read<T>(reader: (path: string) => T): T {
    const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;
    const file = fs.openSync(this.path, O_RDONLY | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const about = fs.fstatSync(file);
      if (!about.isFile() || about.size > mostBytes) throw new Error(`${this.path} is no file, or too long`);
      return reader(`/proc/self/fd/${file}`);
    } finally {
      fs.closeSync(file);
    }
  }
}
