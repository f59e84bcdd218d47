import { fileURLToPath } from 'node:url';

import type { Child } from './child.js';
import { startCommand } from './init.js';

const program = fileURLToPath(new URL('../../../test/fixtures/systemd/notify-socket.py', import.meta.url));

/** One datagram, as the manager got it. */
export interface Message {
  readonly lines: readonly string[];
  readonly bytes: number;
  /** When it was read, in milliseconds of CLOCK_MONOTONIC. */
  readonly time: number;
  readonly descriptors: readonly { readonly kind: string; readonly inode: number }[];
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

let addresses = 0;

/** An abstract address that nobody else uses. */
export function freeAddress(): string {
  addresses += 1;
  return `@sigkit-test-${process.pid}-${addresses}`;
}

/** A service manager, as far as sd_notify(3) goes: test/fixtures/systemd/notify-socket.py. */
export class FakeManager implements AsyncDisposable {
  readonly address: string;
  readonly #child: Child;

  private constructor(address: string, child: Child) {
    this.address = address;
    this.#child = child;
  }

  /** `hold`: what comes with a message stays open until `release()`. `deaf`: nothing is read until `hear()`. */
  static async start(address: string = freeAddress(), ...flags: readonly ('hold' | 'deaf')[]): Promise<FakeManager> {
    const child = startCommand(['python3', program, address, ...flags]);
    await child.line(/^"listening"$/);
    return new FakeManager(address, child);
  }

  get environment(): { NOTIFY_SOCKET: string } {
    return { NOTIFY_SOCKET: this.address };
  }

  async next(): Promise<Message> {
    return JSON.parse(await this.#child.line(/^\{/)) as Message;
  }

  /** The lines of the next so many messages. */
  async lines(count: number): Promise<string[][]> {
    const messages: string[][] = [];
    while (messages.length < count) messages.push([...(await this.next()).lines]);
    return messages;
  }

  release(): void {
    this.#child.write('release\n');
  }

  hear(): void {
    this.#child.write('hear\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.process.stdin?.end();
    await this.#child.ended;
  }
}
