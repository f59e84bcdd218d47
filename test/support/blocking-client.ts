import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

// A response is over when it is there: all are short.
const code = `
const { parentPort, workerData: { port, done } } = require('node:worker_threads');
const { connect } = require('node:net');
let socket, text = '';
const finish = () => { Atomics.store(done, 0, 1); Atomics.notify(done, 0); };
const steps = {
  connect() {
    socket = connect({ port, host: '127.0.0.1', noDelay: true }, finish).setEncoding('latin1');
    socket.on('data', (more) => (text += more));
    socket.on('error', ({ code }) => (text += code));
    socket.on('close', () => { parentPort.postMessage(text); parentPort.close(); });
  },
  ask: () => socket.write('GET / HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n', finish),
};
parentPort.on('message', (step) => steps[step]());
`;

/** A client in another thread, for what arrives while the event loop of this one is held up. */
export class BlockingClient {
  readonly #worker: Worker;
  readonly #done: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4));
  /** All that it has received, once the connection is closed; at its end the code of an error, if there was one. */
  readonly received: Promise<string>;

  constructor(port: number) {
    this.#worker = new Worker(code, { eval: true, workerData: { port, done: this.#done } });
    this.received = once(this.#worker, 'message').then(([text]) => text as string);
  }

  /** Connects, or sends a request; this thread stands still until the kernel has it. */
  run(step: 'connect' | 'ask'): void {
    this.#worker.postMessage(step);
    if (Atomics.wait(this.#done, 0, 0, 20_000) === 'timed-out') throw new Error(`not within 20 s: ${step}`);
    Atomics.store(this.#done, 0, 0);
  }
}

/** Holds up this thread. */
export function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
