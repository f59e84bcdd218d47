// A service that tells of each request in five ways, and ends as it is told to: by itself, or not (`free`, `blocked`).
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { execa } from 'execa';
import pino from 'pino';
import lockfile from 'proper-lockfile';

const { closeResource, closeServer, createShutdown, endGroup } = await import(process.env.SIGKIT);
const { COLLECTOR: collector } = process.env;
const [, , end, ...options] = process.argv;

const shutdown = createShutdown(JSON.parse(options[0]));

const file = createWriteStream('log');
shutdown.add('log', closeResource(file), { stage: 'flush' });

const logger = pino(pino.transport({ target: 'pino/file', options: { destination: 'log-by-transport' } }));
shutdown.add('pino', () => promisify((done) => logger.flush(done))(), { stage: 'flush' });

const spans = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${collector}/v1/traces` }), { maxQueueSize: 1e6 });
const traces = new NodeTracerProvider({ spanProcessors: [spans] });
shutdown.add('traces', () => traces.shutdown(), { stage: 'flush' });
const tracer = traces.getTracer('service');

const exporter = new OTLPMetricExporter({ url: `${collector}/v1/metrics` });
const metrics = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
shutdown.add('metrics', () => metrics.shutdown(), { stage: 'flush' });
const counter = metrics.getMeter('service').createCounter('told');

writeFileSync('state', '');
const unlock = await lockfile.lock('state');
// Not unlock itself: it would take what a hook is told for a callback.
shutdown.add('lock', () => unlock());

const child = execa('sleep', ['1000'], { detached: true, reject: false, stdio: 'ignore' });
writeFileSync('child', `${child.pid}`);
shutdown.add('child', endGroup(child.pid), { stage: 'stop-work' });

let told = 0;
function tell(what) {
  told += 1;
  file.write(`${what}\n`);
  logger.info(what);
  console.log(what);
  tracer.startSpan(what).end();
  counter.add(1);
}

const server = createServer(async (request, response) => {
  tell(`request ${request.url}`);
  if (request.url === '/slow') await delay(300);
  response.end('done');
});
shutdown.add('http', closeServer(server));

// A megabyte: more than a pipe has room for.
shutdown.add('last words', () => {
  for (let line = 0; line < 1000; line += 1) tell('x'.repeat(1000));
  writeFileSync('told', `${told}`);
});

const hang = {
  free: () => new Promise(() => {}),
  blocked() {
    for (;;);
  },
}[end];
if (hang !== undefined)
  shutdown.add(
    'hang',
    () => {
      writeFileSync('hangs', '');
      return hang();
    },
    { stage: 'drain' },
  );

await once(server.listen(0, '127.0.0.1'), 'listening');
writeFileSync('port', `${server.address().port}`);
