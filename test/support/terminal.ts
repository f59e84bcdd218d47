import { fileURLToPath } from 'node:url';

import { type Child, type Outcome, until } from './child.js';
import { startCommand } from './init.js';
import { statOf } from './processes.js';

/** Starts what follows as the leader of a session on a terminal of its own. */
export const onTerminal: readonly string[] = [
  'python3',
  fileURLToPath(new URL('../../../test/fixtures/pty.py', import.meta.url)),
];

export const keys = { interrupt: '\x03', quit: '\x1c', endOfFile: '\x04', suspend: '\x1a' } as const;

/** A terminal with a command as the leader of its session. */
export class Terminal {
  readonly #child: Child;
  readonly leader: number;

  private constructor(child: Child, leader: number) {
    this.#child = child;
    this.leader = leader;
  }

  static async start(command: readonly string[]): Promise<Terminal> {
    const child = startCommand([...onTerminal, ...command], { env: { TERM: 'dumb', PS1: '$ ' } });
    const line = await child.line(/^leader \d+/);
    return new Terminal(child, Number(line.split(' ')[1]));
  }

  type(text: string): void {
    this.#child.write(text);
  }

  /** Waits for a line of output; what comes before it on the line, such as a prompt, is passed over. */
  async line(text: string): Promise<void> {
    const escaped = text.replace(/[[\]]/g, String.raw`\$&`);
    await this.#child.line(new RegExp(String.raw`^(?:(?:bash-[\d.]+)?[$#] |\^[CZ])*${escaped}\r?$`));
  }

  /** Waits for a line of output that matches. */
  matching(pattern: RegExp): Promise<string> {
    return this.#child.line(pattern);
  }

  /** Waits until that group has the terminal. */
  async foreground(group: number): Promise<void> {
    await until(
      () => statOf(this.leader)?.foreground === group,
      `group ${group} has the terminal, and not ${statOf(this.leader)?.foreground}`,
    );
  }

  /** Hangs up. */
  async end(): Promise<Outcome> {
    this.#child.process.stdin?.end();
    return this.#child.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
