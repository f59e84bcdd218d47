import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const frameTypes = { headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
const acknowledged = 1;
const endsStream = 1;
const wholeHeaders = 4;
const headSize = 9;
const mostOfWindow = 2 ** 31 - 1;
// GET, / and http by HPACK's static table, and an authority of one letter.
const request = Buffer.from('828486010178', 'hex');

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(headSize);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A client of HTTP/2 that knows what it has sent, and reads only when it is told to. */
export class RawHttp2Client {
  readonly socket: Socket;
  /** By the numbers of their streams. */
  readonly sent: number[] = [];
  readonly answered: number[] = [];
  readonly reset: number[] = [];
  /** The numbers that each GOAWAY had. */
  readonly goaways: number[] = [];
  /** Of its frames: a frame that has been cut brings others. */
  readonly types: Set<number> = new Set();
  #bytes = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<RawHttp2Client> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const client = new RawHttp2Client(socket);
    // An initial window (4) for answers of any length, and the same for all of them.
    const settings = Buffer.concat([Buffer.from([0, 4]), number(mostOfWindow)]);
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.write(frame(frameTypes.settings, 0, 0, settings));
    socket.write(frame(frameTypes.windowUpdate, 0, 0, number(mostOfWindow - 65_535)));
    return client;
  }

  ask(count: number): void {
    for (let made = 0; made < count; made += 1) {
      const stream = this.sent.length * 2 + 1;
      this.sent.push(stream);
      this.socket.write(frame(frameTypes.headers, endsStream | wholeHeaders, stream, request));
    }
  }

  #read(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= headSize) {
      const end = headSize + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) return;
      this.#take(this.#bytes.subarray(0, end));
      this.#bytes = this.#bytes.subarray(end);
    }
  }

  #take(bytes: Buffer): void {
    const [type, flags, stream] = [bytes.readUInt8(3), bytes.readUInt8(4), bytes.readUInt32BE(5)];
    const payload = bytes.subarray(headSize);
    this.types.add(type);
    if (type === frameTypes.goaway) this.goaways.push(payload.readUInt32BE(0));
    else if (type === frameTypes.reset) this.reset.push(stream);
    else if (type === frameTypes.ping || type === frameTypes.settings) this.#acknowledge(type, flags, payload);
    else if (type <= frameTypes.headers && (flags & endsStream) !== 0) this.answered.push(stream);
  }

  #acknowledge(type: number, flags: number, payload: Buffer): void {
    if ((flags & acknowledged) !== 0) return;
    this.socket.write(frame(type, acknowledged, 0, type === frameTypes.ping ? payload : Buffer.alloc(0)));
  }
}
