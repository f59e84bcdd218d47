// Nest with its shutdown hooks, beside a shutdown. Arguments: sigkit/shutdown, and what its options `listeners` and `second` are.
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const [, , sigkit, listeners, second] = process.argv;
const { createShutdown } = await import(sigkit);

class Service {
  async onApplicationShutdown(signal) {
    await delay(50);
    console.log(`Nest has ended, by ${signal}`);
  }
}
class App {}
Module({ providers: [Service] })(App);

createShutdown({ listeners, second }).add('database', () => console.log('the database is closed'));
const app = await NestFactory.createApplicationContext(App, { logger: false });
app.enableShutdownHooks();
setInterval(() => {}, 1000);
console.log('ready');
