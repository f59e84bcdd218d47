import { escapeLine } from '../base/escape.js';
import { cutOff, unattended } from './adapters/listening.js';
import type { LeftOpen } from './course/ending.js';

/** The servers that no adapter ends: named when the drain is over, as what they use is released from then on. */
export class OpenServers {
  #listening: readonly string[] = [];

  look(): void {
    this.#listening = unattended();
    for (const address of this.#listening) {
      process.emitWarning(
        `Still open when the drain is over: ${escapeLine(address)}. closeServer ends it in time; closeResource tells that it is to last longer.`,
        'SigkitWarning',
      );
    }
  }

  /** At the end of the process, which cuts them off. */
  leftOpen(): LeftOpen {
    return { listening: this.#listening, cutsRequests: cutOff() > 0 };
  }
}
