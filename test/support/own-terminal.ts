import { spawn, type TerminalProcess } from 'sigkit/process';

/** A compiled file, as the leader of a session on a terminal of its own. */
export class OnTerminal {
  readonly #child: TerminalProcess;
  readonly #timer: NodeJS.Timeout;
  readonly pid: number;
  #passed = 0;
  #text = '';
  #ended = false;
  #wake: () => void = () => {};

  constructor(file: string, args: readonly string[] = [], deadlineMs: number = 40_000) {
    this.#child = spawn(process.execPath, [file, ...args], { terminal: { name: 'dumb' } });
    this.pid = this.#child.pid;
    this.#child.terminal.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), deadlineMs);
  }

  get text(): string {
    return this.#text;
  }

  get terminal(): TerminalProcess['terminal'] {
    return this.#child.terminal;
  }

  type(text: string): void {
    this.#child.terminal.write(text);
  }

  /** The next whole line that matches; those before it are passed over. Fails when the program ends without one. */
  async line(pattern: RegExp): Promise<void> {
    for (;;) {
      const lines = this.#text.split(/\r*\n/).slice(0, -1);
      const found = lines.findIndex((line, index) => index >= this.#passed && pattern.test(line));
      if (found >= 0) {
        this.#passed = found + 1;
        return;
      }
      if (this.#ended) throw new Error(`ended without a line ${String(pattern)}:\n${this.#text}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async ended(): Promise<{ readonly exitCode: number | null; readonly termSignal: string | null }> {
    const { exitCode, termSignal } = await this.#child.closed;
    clearTimeout(this.#timer);
    this.#ended = true;
    this.#wake();
    return { exitCode, termSignal };
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.terminal.destroy();
    await this.ended();
  }
}
