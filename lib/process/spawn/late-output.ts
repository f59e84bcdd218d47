import type { Duplex } from 'node:stream';

/** What becomes of what comes from a child: the usual, or after its end. */
type Fate = 'usual' | 'kept' | 'end' | 'lost';

/** Decides what is taken in after a child's end, whether anybody reads or not. */
export class LateOutput {
  readonly #stream: Duplex;
  /** How much more is taken in after the child's end. */
  room = 0;
  childEnded = false;
  /** One that another child has had was paused by us. */
  wasGiven = false;
  /** Nobody has read, and there was no room any more: the rest goes to nobody, so that who writes it can end. */
  #isCut = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  // Who pauses a stream means to come back to it.
  get hasReader(): boolean {
    const { readableFlowing } = this.#stream;
    if (readableFlowing === true) return true;
    if (this.#stream.listenerCount('readable') > 0 || this.#stream.listenerCount('data') > 0) return true;
    return readableFlowing === false && !this.wasGiven;
  }

  fateOf(bytes: number): Fate {
    if (this.#isCut) return 'lost';
    if (!this.childEnded || this.#stream.readableFlowing === true) return 'usual';
    if (this.room > 0) {
      this.room -= bytes;
      return 'kept';
    }
    if (this.hasReader) return 'usual';
    this.#isCut = true;
    return 'end';
  }
}
