import { Agent, get } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { lookMs } from './app.js';
import { type Listener, readFrom } from './tcp.js';

const clients = 8;
// So many answers, and no request in flight at any look: it is quick.
const quick = 64;
const warmUpMs = 2000;

interface Request {
  sent: boolean;
  socket: Socket | undefined;
  held: boolean;
}

interface Answer {
  readonly status: number;
}

function ask(where: Listener, path: string, request?: Request, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = get({ ...where, path, agent }, (response) => {
      if (request !== undefined) request.held = true;
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode ?? 0 }));
      response.once('error', reject);
    });
    asking.once('error', reject);
    asking.once('socket', (socket) => request !== undefined && (request.socket = socket));
    asking.once('finish', () => request !== undefined && (request.sent = true));
  });
}

/** Requests that are kept up while the app ends. */
export class Load {
  /** Requests that the app had read, and never answered in full. */
  lost = 0;
  answered = 0;
  /** How many the app had in hand when the signal was sent. */
  held = 0;
  readonly #where: Listener;
  readonly #path: string;
  readonly #pending = new Set<Request>();
  readonly #idle = new Agent({ keepAlive: true });
  readonly #over = new AbortController();
  #failed = 0;

  constructor(where: Listener, path: string) {
    this.#where = where;
    this.#path = path;
  }

  /** Begins. @returns whether HTTP is spoken there */
  async start(): Promise<boolean> {
    const asked = performance.now();
    // A connection that stays open, as those of proxies do.
    const first = ask(this.#where, this.#path, undefined, this.#idle).catch(() => null);
    if ((await Promise.race([first, delay(warmUpMs, null)])) === null) return false;
    // Not all of them at the same point of their request.
    const apart = (performance.now() - asked) / clients;
    for (let client = 0; client < clients; client += 1) void this.#keepAsking(client * apart);
    return true;
  }

  /** Waits until the app has most of the requests in hand, and one that it has just read. What follows at once comes in the middle. */
  async aim(): Promise<void> {
    const end = performance.now() + warmUpMs;
    for (;;) {
      const fresh = this.#look();
      this.held = [...this.#pending].filter(({ held }) => held).length;
      if (fresh > 0 && this.held >= clients / 2) break;
      if (this.answered >= quick || this.#failed >= clients || performance.now() >= end) break;
      await delay(1);
    }
    void this.#keepLooking();
  }

  /** Once the app has ended, each request has been answered or has failed, unless others have its connections. */
  async settle(): Promise<void> {
    for (let looks = 0; this.#pending.size > 0 && looks < 50; looks += 1) await delay(lookMs);
  }

  /** What fails from here on is no loss. */
  stop(): void {
    this.#over.abort();
    this.#idle.destroy();
    for (const { socket } of this.#pending) socket?.destroy();
  }

  async #keepAsking(later: number): Promise<void> {
    await delay(later);
    while (!this.#over.signal.aborted) {
      const request: Request = { sent: false, socket: undefined, held: false };
      this.#pending.add(request);
      try {
        await ask(this.#where, this.#path, request);
        this.answered += 1;
      } catch {
        this.#failed += 1;
        if (request.held && !this.#over.signal.aborted) this.lost += 1;
        // It no longer listens, or is gone.
        return;
      } finally {
        this.#pending.delete(request);
      }
    }
  }

  // Returns how many requests the app has read since the last look.
  #look(): number {
    const read = readFrom(this.#where.port);
    const fresh = [...this.#pending].filter((one) => !one.held && one.sent && read.has(one.socket?.localPort ?? 0));
    for (const one of fresh) one.held = true;
    return fresh.length;
  }

  async #keepLooking(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await delay(lookMs);
      this.#look();
    }
  }
}

/** What the readiness page says, asked again and again. */
export class HealthWatch {
  /** Answers since the signal, in order. */
  readonly statuses: number[] = [];
  readonly #where: Listener;
  readonly #path: string;
  #over = false;

  constructor(health: string, app: Listener | null) {
    const url = new URL(health, `http://${app?.host === '::1' ? '[::1]' : '127.0.0.1'}:${app?.port ?? 80}`);
    this.#where = { host: url.hostname.replaceAll(/[[\]]/g, ''), port: Number(url.port || 80) };
    this.#path = url.pathname + url.search;
  }

  // 0 if there is no answer.
  async #ask(): Promise<number> {
    const answer = ask(this.#where, this.#path).catch(() => ({ status: 0 }));
    return (await Promise.race([answer, delay(warmUpMs, { status: 0 })])).status;
  }

  async isFine(): Promise<boolean> {
    const status = await this.#ask();
    return status >= 200 && status <= 299;
  }

  async watch(): Promise<void> {
    while (!this.#over) {
      const status = await this.#ask();
      if (status === 0 || this.#over) return;
      this.statuses.push(status);
      await delay(lookMs);
    }
  }

  stop(): void {
    this.#over = true;
  }
}
