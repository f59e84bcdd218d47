// How a service is ended by each package: as its README does it, with its defaults.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { closeServer, createShutdown } from 'sigkit/shutdown';

import { load } from '../packages.js';
import { CarefulEnd } from './careful.js';
import { answer, cleanUp } from './work.js';

/** Starts the service. @returns its port */
type Way = () => Promise<number>;

interface Terminus {
  createTerminus(server: Server, options: { readonly onSignal: () => Promise<unknown> }): void;
}

interface HttpTerminator {
  createHttpTerminator(options: { readonly server: Server }): { terminate(): Promise<void> };
}

interface Lightship {
  createLightship(): Promise<{
    registerShutdownHandler(handler: () => Promise<void> | void): void;
    signalReady(): void;
  }>;
}

interface FastifyApp {
  readonly server: Server;
  get(path: string, handler: (request: { readonly url: string }) => Promise<string>): void;
  addHook(name: 'onClose', hook: () => Promise<void>): void;
  listen(options: { readonly port: number; readonly host: string }): Promise<string>;
  close(): Promise<void>;
}

type Stoppable = (server: Server) => Server & { stop(callback: () => void): void };
type CloseWithGrace = (end: () => Promise<void>) => void;

function serve(): Server {
  return createServer((request, response) => {
    void answer(request.url ?? '').then((body) => response.end(body));
  });
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

async function fastify(): Promise<FastifyApp> {
  const app = (await load<() => FastifyApp>('fastify'))();
  app.get('/*', ({ url }) => answer(url));
  return app;
}

async function listenFastify(app: FastifyApp): Promise<number> {
  app.addHook('onClose', async () => cleanUp());
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}

function onSigterm(end: () => Promise<void>): void {
  process.once('SIGTERM', () => void end());
}

export const ways: Readonly<Record<string, Way>> = {
  sigkit() {
    const server = serve();
    const shutdown = createShutdown();
    shutdown.add('http', closeServer(server));
    shutdown.add('database', cleanUp);
    return listen(server);
  },
  async 'sigkit, Fastify'() {
    const shutdown = createShutdown();
    const app = await fastify();
    shutdown.add('http', closeServer(app.server));
    shutdown.add('app', () => app.close());
    return listenFastify(app);
  },
  'by hand'() {
    const server = serve();
    const end = new CarefulEnd(server);
    onSigterm(async () => {
      await end.drain();
      cleanUp();
      process.stdout.write('', () => process.kill(process.pid, 'SIGTERM'));
    });
    return listen(server);
  },
  async '@godaddy/terminus'() {
    const server = serve();
    const terminus = await load<Terminus>('@godaddy/terminus');
    terminus.createTerminus(server, { onSignal: async () => cleanUp() });
    return listen(server);
  },
  async 'http-terminator'() {
    const server = serve();
    const terminator = (await load<HttpTerminator>('http-terminator')).createHttpTerminator({ server });
    onSigterm(async () => {
      await terminator.terminate();
      cleanUp();
    });
    return listen(server);
  },
  async stoppable() {
    const server = (await load<Stoppable>('stoppable'))(serve());
    onSigterm(async () => server.stop(cleanUp));
    return listen(server);
  },
  async lightship() {
    const server = serve();
    const lightship = await (await load<Lightship>('lightship')).createLightship();
    lightship.registerShutdownHandler(() => closed(server));
    lightship.registerShutdownHandler(cleanUp);
    const port = await listen(server);
    lightship.signalReady();
    return port;
  },
  async 'close-with-grace'() {
    const app = await fastify();
    const closeWithGrace = await load<CloseWithGrace>('close-with-grace');
    closeWithGrace(() => app.close());
    return listenFastify(app);
  },
  async fastify() {
    const app = await fastify();
    onSigterm(() => app.close());
    return listenFastify(app);
  },
};
