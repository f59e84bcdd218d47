import { native } from './native.js';

let reasons = 0;

/** One reason for the event loop to go on, which somebody has or has not. */
export class KeepAlive {
  #on: boolean = false;

  get on(): boolean {
    return this.#on;
  }

  set(on: boolean): void {
    if (this.#on === on) return;
    this.#on = on;
    reasons += on ? 1 : -1;
    if (reasons === 0) native().keepAlive(false);
    if (reasons === 1 && on) native().keepAlive(true);
  }
}
