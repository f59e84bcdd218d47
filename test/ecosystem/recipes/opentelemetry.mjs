import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

import { collector, ready, start } from './common.mjs';

const shutdown = start();
const spans = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${collector}/v1/traces` }));
const traces = new NodeTracerProvider({ spanProcessors: [spans] });
const exporter = new OTLPMetricExporter({ url: `${collector}/v1/metrics` });
const metrics = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
// The recipe:
shutdown.add('traces', () => traces.shutdown(), { stage: 'flush' });
shutdown.add('metrics', () => metrics.shutdown(), { stage: 'flush' });
// Its end.
const tracer = traces.getTracer('test');
const counter = metrics.getMeter('test').createCounter('orders');
const work = (name) => {
  tracer.startSpan(name).end();
  counter.add(1);
};
for (let count = 0; count < 100; count += 1) work('while it ran');
shutdown.add('work', () => work('while it ended'), { stage: 'release' });
ready();
