import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { closeServer, port, ready, slow, start } from './common.mjs';

const shutdown = start();
const work = slow(shutdown);

class AppController {
  fast() {
    return 'fast';
  }
  slow() {
    return work();
  }
  onModuleDestroy() {
    console.log('onModuleDestroy');
  }
  beforeApplicationShutdown(signal) {
    console.log('beforeApplicationShutdown', signal);
  }
  onApplicationShutdown(signal) {
    console.log('onApplicationShutdown', signal);
  }
}
// What decorators do in TypeScript.
for (const name of ['fast', 'slow'])
  Get(name)(AppController.prototype, name, Object.getOwnPropertyDescriptor(AppController.prototype, name));
Controller()(AppController);
class AppModule {}
Module({ controllers: [AppController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
// The recipe:
shutdown.add('http', closeServer(app.getHttpServer()));
shutdown.add('nest', ({ reason }) => app.close(reason));
await app.listen(port);
// Its end.
ready(app.getHttpServer());
