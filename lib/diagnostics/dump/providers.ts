import { toFunction, toObject, toText } from '../../base/arguments.js';
import { isError } from '../../base/errors.js';
import { givenNames } from '../../base/options.js';
import { inTime } from '../in-time.js';
import type { Part } from './types.js';

/** Tells something of the program for a dump: what JSON can hold, or a promise of it. */
export type Provider = () => unknown;
export type Providers = Readonly<Record<string, Provider>>;

const provided = new Map<string, Provider>();
const patienceMs = 1000;

/**
 * Adds something to each dump of this process, by its name, until it is disposed: `provide('pool', () => pool.stats())`. It is called on the
 * event loop, and has a second. One of the same name takes the place of the one before.
 * @throws ERR_INVALID_ARG_TYPE
 */
export function provide(name: string, provider: Provider): Disposable {
  const key = toText(name, 'name');
  const own = toFunction(provider, 'provider');
  provided.set(key, own);
  return {
    [Symbol.dispose]() {
      if (provided.get(key) === own) provided.delete(key);
    },
  };
}

/** @throws ERR_INVALID_ARG_TYPE */
export function toProviders(value: unknown): Providers {
  if (value === undefined) return {};
  const given = toObject(value as object, 'options.providers');
  const entries = givenNames(given).map((name) => [
    name,
    toFunction(Reflect.get(given, name) as Provider, `options.providers.${name}`),
  ]);
  return Object.fromEntries(entries) as Providers;
}

/** What was thrown, as a part of a dump: whatever it is, the other parts are told. */
export function failed(thrown: unknown): { readonly error: string } {
  try {
    return { error: String(isError(thrown) ? thrown.message : thrown) };
  } catch {
    return { error: 'what was thrown has no text' };
  }
}

async function askOne(provider: Provider): Promise<Part<{ readonly value: unknown }>> {
  try {
    const value = await inTime(provider, patienceMs, `no answer within ${patienceMs} ms`);
    // What JSON cannot hold fails here, and alone.
    return { value: JSON.parse(JSON.stringify(value) ?? 'null') as unknown };
  } catch (error) {
    return failed(error);
  }
}

export async function askProviders(
  own: Providers,
): Promise<Readonly<Record<string, Part<{ readonly value: unknown }>>>> {
  const all = [...new Map([...provided, ...Object.entries(own)])];
  return Object.fromEntries(
    await Promise.all(all.map(async ([name, provider]) => [name, await askOne(provider)] as const)),
  );
}
