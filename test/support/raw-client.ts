import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface RawResponse {
  readonly status: number;
  /** As sent, with its headers; without the empty line. */
  readonly head: string;
  readonly body: string;
}

/** The bytes of one connection, for requests that no client library would send in this way. */
export class RawClient {
  readonly socket: Duplex;
  #text = '';
  #over: Error | 'end' | null = null;
  #wake: () => void = () => {};

  constructor(socket: Duplex) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    socket.once('end', () => this.#finish('end'));
    socket.once('error', (error) => this.#finish(error));
    socket.once('close', () => this.#finish('end'));
  }

  /** @throws ECONNREFUSED */
  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
      socket.once('error', reject);
    });
  }

  /** How it was closed, once it has been. */
  get over(): Error | 'end' | null {
    return this.#over;
  }

  /** Resolves when the other side has closed it. */
  async closed(): Promise<Error | 'end'> {
    while (this.#over === null) await this.#news();
    return this.#over;
  }

  get(path: string, headers: string = ''): void {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`);
  }

  /** What comes until `end`, that included. */
  async text(end: string): Promise<string> {
    for (;;) {
      const at = this.#text.indexOf(end);
      if (at >= 0) return this.#take(at + end.length);
      if (this.#over !== null) throw new Error(`closed (${String(this.#over)}) after '${this.#text}'`);
      await this.#news();
    }
  }

  /** The next response, which must have a Content-Length or chunks. */
  async response(): Promise<RawResponse> {
    const head = await this.text('\r\n\r\n');
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    const body = length === undefined ? await this.#chunks() : await this.#bytes(Number(length));
    return { status: Number(head.slice(9, 12)), head: head.trimEnd(), body };
  }

  async #chunks(): Promise<string> {
    const parts: string[] = [];
    for (;;) {
      const size = Number.parseInt(await this.text('\r\n'), 16);
      parts.push((await this.#bytes(size + 2)).slice(0, -2));
      if (size === 0) return parts.join('');
    }
  }

  async #bytes(length: number): Promise<string> {
    while (this.#text.length < length) {
      if (this.#over !== null) throw new Error(`closed (${String(this.#over)}) within a body`);
      await this.#news();
    }
    return this.#take(length);
  }

  #take(length: number): string {
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return taken;
  }

  #finish(how: Error | 'end'): void {
    this.#over ??= how;
    this.#wake();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

/** Whether nobody listens there. */
export async function isRefused(port: number): Promise<boolean> {
  try {
    (await RawClient.connect(port)).socket.destroy();
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  }
}
