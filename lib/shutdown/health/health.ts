import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { toFunction, toInteger, toObject, toTimeoutMs } from '../../base/arguments.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { escapeLine } from '../../base/escape.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { Shutdown, ShutdownState } from '../types.js';
import { type CheckResult, Checks } from './health-checks.js';
import { HealthPort } from './health-port.js';

export interface HealthOptions {
  /** Whether the service has started and can be used; as a check of that name. @default true */
  readonly ready?: (() => boolean | Promise<boolean>) | undefined;
  /** What the service needs. A check fails if it throws, rejects, gives false, or does not answer in time. @default none */
  readonly checks?: Readonly<Record<string, () => unknown>> | undefined;
  /** How long a check may take. Kubernetes gives a probe one second, the way included. @default 500 */
  readonly timeoutMs?: number | undefined;
}

/** What `/healthz` tells, as JSON. */
export interface HealthDetail {
  readonly state: ShutdownState;
  /** Whether the process is to be left alone: until the shutdown is forced. */
  readonly live: boolean;
  /** Whether it is to be sent requests: no shutdown has begun, and no check fails. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** How a service is, for who restarts it and who sends it requests. Made by `health()`. */
export interface Health {
  detail(): Promise<HealthDetail>;
  /** Answers `/livez`, `/readyz` and `/healthz`, and returns true. All else it leaves alone, and returns false. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /**
   * Answers on a port of its own, until the stage `flush`; port 0 is any that is free. Does not keep the process alive.
   * @throws EADDRINUSE, EACCES, ERR_SIGKIT_SHUTTING_DOWN, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  listen(port: number, host?: string): Promise<AddressInfo>;
  /** Closes the ports before their time. */
  close(): Promise<void>;
}

interface Page {
  /** Whether the checks are to be asked first. */
  readonly asks: (state: ShutdownState) => boolean;
  readonly show: (detail: HealthDetail) => { readonly fine: boolean; readonly body: string };
}

const optionNames: OptionNames<HealthOptions> = { ready: true, checks: true, timeoutMs: true };
const usualTimeoutMs = 500;
const maxPort = 65_535;

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/livez', { asks: () => false, show: ({ live, state }) => ({ fine: live, body: live ? 'ok\n' : `${state}\n` }) }],
  ['/readyz', { asks: (state) => state === 'running', show: showReadiness }],
  ['/healthz', { asks: () => true, show: (detail) => ({ fine: detail.ready, body: `${JSON.stringify(detail)}\n` }) }],
]);

function showReadiness({ ready, state, checks }: HealthDetail): ReturnType<Page['show']> {
  const failed = Object.entries(checks).filter(([, { ok }]) => !ok);
  const names = failed.map(([name]) => escapeLine(name)).join(', ');
  const reason = state === 'running' ? `failed: ${names}` : state;
  return { fine: ready, body: `${ready ? 'ok' : reason}\n` };
}

class ServiceHealth implements Health {
  readonly #shutdown: Shutdown;
  readonly #checks: Checks;
  readonly #ports = new Set<HealthPort>();

  constructor(shutdown: Shutdown, checks: Checks) {
    this.#shutdown = shutdown;
    this.#checks = checks;
  }

  async detail(): Promise<HealthDetail> {
    return this.#detailOf(await this.#checks.run());
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    // The answer is given later, and who is left without one would end the process by a rejection.
    toMessage(request, 'method', 'request', 'an IncomingMessage');
    toMessage(response, 'writeHead', 'response', 'a ServerResponse');
    const page = pages.get(request.url?.split('?', 1)[0] ?? '');
    if (page === undefined) return false;
    if (request.method === 'GET' || request.method === 'HEAD') void this.#answer(page, response);
    else response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end();
    return true;
  }

  async listen(port: number, host?: string): Promise<AddressInfo> {
    toInteger(port, 'port', 0, maxPort);
    if (host !== undefined && typeof host !== 'string') throw invalidArgType('host', 'of type string', host);
    const opened = await HealthPort.open(this, this.#shutdown, port, host);
    this.#ports.add(opened);
    return opened.address;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports].map((port) => port.close()));
    this.#ports.clear();
  }

  // The state is that of the instant of the answer: a shutdown may begin while the checks are asked.
  #detailOf(checks: HealthDetail['checks']): HealthDetail {
    const { state } = this.#shutdown;
    const ready = state === 'running' && Object.values(checks).every(({ ok }) => ok);
    return { state, live: state !== 'forced', ready, checks };
  }

  async #answer({ asks, show }: Page, response: ServerResponse): Promise<void> {
    const checks = asks(this.#shutdown.state) ? await this.#checks.run() : {};
    // Its service, or a time-out of it, has answered meanwhile.
    if (response.headersSent) return;
    const { fine, body } = show(this.#detailOf(checks));
    response.writeHead(fine ? 200 : 503, {
      'Cache-Control': 'no-store',
      'Content-Length': Buffer.byteLength(body),
      'Content-Type': body.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8',
    });
    // To a HEAD, node:http sends no body.
    response.end(body);
  }
}

// Those of node:http2 are of other classes, and do as well.
function toMessage(value: unknown, member: string, argument: string, allowed: string): void {
  if (typeof value !== 'object' || value === null || !(member in value)) throw invalidArgType(argument, allowed, value);
}

/**
 * The health of a service, over HTTP: `/livez` is 200 until the shutdown is forced, `/readyz` from its start to the first
 * instant of the shutdown, `/healthz` as `/readyz`, with a `HealthDetail`.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function health(shutdown: Shutdown, options?: HealthOptions): Health {
  if (typeof shutdown !== 'object' || shutdown === null || typeof shutdown.state !== 'string')
    throw invalidArgType('shutdown', 'what createShutdown() returns', shutdown);
  const given = readOptions(options, optionNames);
  const { ready, timeoutMs = usualTimeoutMs } = given;
  const checks: Record<string, () => unknown> = {
    ...toObject(given.checks === undefined ? {} : given.checks, 'options.checks'),
  };
  if (ready !== undefined) {
    if (Object.hasOwn(checks, 'ready')) throw outOfRange('options.checks', 'without one named ready', checks);
    const hasStarted = toFunction(ready, 'options.ready');
    // What gives nothing yet has not started: a check that gives nothing is fine.
    checks['ready'] = async () => Boolean(await hasStarted());
  }
  for (const [name, check] of Object.entries(checks)) toFunction(check, `options.checks[${JSON.stringify(name)}]`);
  return new ServiceHealth(shutdown, new Checks(checks, toTimeoutMs(timeoutMs, 'options.timeoutMs')));
}
