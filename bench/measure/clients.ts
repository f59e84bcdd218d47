import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const maxStartMs = 150;

/** How a client behaves from one request to the next. */
export interface Habits {
  readonly path: '/slow' | '/quick';
  readonly keepAlive: boolean;
  readonly pauseMs: number;
}

/** The clients of one run of a service: each asks again after its answer, until it is refused. */
export class Clients {
  readonly #port: number;
  readonly answered: Set<string> = new Set();
  lost = 0;
  resets = 0;
  #ids = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async run({ path, keepAlive, pauseMs }: Habits): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    // Not all in step.
    await delay(Math.random() * maxStartMs);
    for (let refused = false; !refused;) {
      refused = await this.#ask(agent, path);
      if (pauseMs > 0) await delay(pauseMs);
    }
    agent.destroy();
  }

  /** Makes a connection, and leaves it alone. */
  leaveUnused(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1', () =>
        socket.write('GET /quick/unused HTTP/1.1\r\nHost: bench\r\n\r\n'),
      );
      socket.on('error', ({ message }) => void (this.resets += Number(message.includes('ECONNRESET'))));
      socket.once('data', () => resolve());
      socket.resume();
    });
  }

  /** @returns whether nobody listens any more */
  async #ask(agent: Agent, path: string): Promise<boolean> {
    const id = String((this.#ids += 1));
    try {
      const { status, body } = await this.#exchange(agent, `${path}/${id}`);
      if (status === 200 && body.endsWith('whole')) this.answered.add(id);
      else this.lost += 1;
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (code === 'ECONNREFUSED') return true;
      this.lost += 1;
      // Without a system call it is one that has ended in the regular way, without the answer.
      if (code === 'ECONNRESET' && syscall !== undefined) this.resets += 1;
    }
    return false;
  }

  #exchange(agent: Agent, path: string): Promise<{ status: number | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const onResponse = (response: IncomingMessage): void => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.once('error', reject).once('end', () => resolve({ status: response.statusCode, body }));
      };
      get({ port: this.#port, host: '127.0.0.1', path, agent }, onResponse).once('error', reject);
    });
  }
}
