import type { Http2Session } from 'node:http2';

import { fs } from '../../base/builtins.js';
import { shadow, watchEvents } from '../../base/shadow.js';

// What a client may take for its acknowledgements, all in all.
const patienceMs = 1000;

// GOAWAY with the largest number that a stream can have, and NO_ERROR: RFC 9113, section 6.8.
const farewell = Buffer.from('0000080700000000007fffffff00000000', 'hex');

interface Handle {
  readonly fd: number;
  readonly writeQueueSize: number;
}

// Other handles encode what they are given: TLS.
const bareSockets = new Set(['TCP', 'Pipe']);

function bareHandle(session: Http2Session): Handle | null {
  if (session.destroyed) return null;
  const { _handle: handle } = session.socket as { readonly _handle?: Handle | null };
  return handle !== null && handle !== undefined && bareSockets.has(handle.constructor.name) ? handle : null;
}

/** @returns whether it is sent; it is not while libuv has something to send before it, or the kernel no room */
function sendFarewell(session: Http2Session, { fd, writeQueueSize }: Handle): boolean {
  if (writeQueueSize > 0) return false;
  try {
    // Of a frame that is cut the rest could not follow, once libuv writes again.
    if (fs.writeSync(fd, farewell) < farewell.length) session.destroy();
    return true;
  } catch {
    return false;
  }
}

/** A session of HTTP/2. */
export class Session {
  readonly #session: Http2Session;
  #timer: NodeJS.Timeout | undefined;
  // Resolves a wait for an acknowledgement that does not come.
  #giveUp: () => void = () => {};

  constructor(session: Http2Session, onGone: () => void) {
    this.#session = session;
    const onClose = (): void => {
      clearTimeout(this.#timer);
      this.#giveUp();
      onGone();
    };
    watchEvents(session, { close: onClose });
  }

  /**
   * Refuses no request that is on its way: the client is told to begin none, and has a round trip to hear it, before the
   * GOAWAY that tells the last one. node:http2 takes none that comes after any GOAWAY of its own, so the first one goes past it:
   * it hands whole frames to libuv, and where libuv has nothing left to send, a frame ends. TLS leaves no way past.
   */
  async end(): Promise<void> {
    this.#timer = setTimeout(() => this.#giveUp(), patienceMs);
    // By the first one it has sent its settings, and taken what a new client sends at once.
    for (let told = false; !told && (await this.#roundTrip());) {
      const handle = bareHandle(this.#session);
      if (handle === null) break;
      told = sendFarewell(this.#session, handle);
      if (told) await this.#roundTrip();
    }
    clearTimeout(this.#timer);
    this.#session.close();
  }

  /** Whoever closes it does not, until what this gives is called. */
  keepOpen(): () => void {
    return shadow(this.#session, 'close', () => {});
  }

  destroy(): void {
    this.#session.destroy();
  }

  /** @returns whether the client has read all that it was sent, in time */
  #roundTrip(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#giveUp = () => resolve(false);
      const sent = !this.#session.destroyed && this.#session.ping((error) => resolve(error === null));
      if (!sent) resolve(false);
    });
  }
}
