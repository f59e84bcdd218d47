import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { closeAfter } from './http-response.js';
import { watchEvents } from '../../base/shadow.js';

/** Of what is no socket, 0: what is handed to a server may be any Duplex. */
export function bytesReadOf(socket: Partial<Pick<Socket, 'bytesRead'>>): number {
  return socket.bytesRead ?? 0;
}

/** One connection to a server, and what is under way on it. */
export class Connection {
  readonly socket: Socket;
  /** Whether it is no longer HTTP: a WebSocket, a tunnel. */
  upgraded = false;
  /** Whether it is HTTP/2: its session ends it. */
  session = false;
  /** When the last request was answered, or it was made. On the scale of `performance.now()`. */
  quietSince: number = performance.now();
  // Without a request it is idle only as long as nothing more arrives: the first bytes of a request are no event.
  #bytesRead: number;
  // Requests that have not come to their end, and responses that have not: an upload may go on after its answer.
  #unfinished = 0;
  readonly #responses: ServerResponse[] = [];
  #ending = false;
  #lastOfAll: ServerResponse | undefined;

  constructor(socket: Socket, bytesRead: number) {
    this.socket = socket;
    this.#bytesRead = bytesRead;
  }

  /** A request has arrived. `onQuiet` is called when it has been answered, or given up. */
  expect(response: ServerResponse, onQuiet: () => void): void {
    // One that a listener of `checkContinue` has passed on to those of `request`.
    if (this.#responses.includes(response)) return;
    this.#responses.push(response);
    this.#unfinished += 2;
    const onEnd = (): void => {
      this.#unfinished -= 1;
      this.quietSince = performance.now();
      this.#bytesRead = bytesReadOf(this.socket);
      onQuiet();
    };
    const onClose = (): void => {
      this.#responses.splice(this.#responses.indexOf(response), 1);
      onEnd();
    };
    watchEvents(response, { close: onClose });
    watchEvents(response.req, { close: onEnd });
    if (this.#ending) this.#mayBeLast(response);
  }

  /**
   * From now on a response says `Connection: close` if it is the last one when it begins. No earlier one does: after it,
   * requests that a client has pipelined and the server begun would never be answered (RFC 9112, section 9.6).
   */
  end(): void {
    this.#ending = true;
    for (const response of this.#responses) this.#mayBeLast(response);
  }

  /** Once all that it has been given is sent. */
  close(): void {
    const { socket } = this;
    // What is handed to a server may be any Duplex.
    if ('destroySoon' in socket) socket.destroySoon();
    else (socket as Duplex).end();
  }

  /** Whether the response that says so has begun. */
  get over(): boolean {
    return this.#lastOfAll?.headersSent === true;
  }

  /** Whether a response has ended that has not been sent to its end: its client is slow. */
  get sending(): boolean {
    return this.#responses.some(({ writableEnded }) => writableEnded);
  }

  /** Whether nothing is under way on it: no request, no part of one, and it is not upgraded, nor HTTP/2. */
  get idle(): boolean {
    const { destroyed, writable } = this.socket;
    if (this.upgraded || this.session) return false;
    return !destroyed && writable && this.#unfinished === 0 && bytesReadOf(this.socket) === this.#bytesRead;
  }

  #mayBeLast(response: ServerResponse): void {
    closeAfter(response, () => {
      const isLast = response === this.#responses.at(-1);
      if (isLast) this.#lastOfAll = response;
      return isLast;
    });
  }
}
