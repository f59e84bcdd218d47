import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Outcome } from '../../support/child.js';
import { startCommand } from '../../support/init.js';
import { type Collected, openCollector } from './collector.js';
import { root } from './installed.js';

/** A service that runs with a recipe. */
interface Service {
  readonly port: number;
  /** Its working directory. */
  readonly folder: string;
  /** What it has sent to the collector. */
  readonly collected: readonly Collected[];
  /** Sends SIGTERM. */
  terminate(): Promise<Outcome>;
}

/** What recipes/NAME.client.mjs exports. */
interface Client {
  /** Before the service starts. @returns what undoes it */
  readonly before?: (folder: string) => Promise<() => Promise<void>>;
  /** Uses the service, has it end, and fails unless all arrives that must. */
  readonly drive: (service: Service) => Promise<Outcome>;
}

const sigkit = new URL('../../../lib/shutdown/index.js', import.meta.url).href;
const deadlineMs = 50_000;

/** The service in recipes/NAME.mjs, and its client in recipes/NAME.client.mjs. */
export const fileOf = (name: string): string => path.join(root, 'recipes', `${name}.mjs`);

/** Runs a service and its client; tells how the service ended. */
export async function runRecipe(name: string): Promise<Outcome> {
  const { before, drive } = (await import(pathToFileURL(fileOf(`${name}.client`)).href)) as Client;
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-recipe-'));
  const undo = await before?.(folder);
  try {
    using collector = await openCollector();
    const env = { SIGKIT: sigkit, COLLECTOR: collector.url };
    return await runService(fileOf(name), folder, env, (service) =>
      drive({ ...service, folder, collected: collector.collected }),
    );
  } finally {
    await undo?.();
    rmSync(folder, { recursive: true });
  }
}

async function runService(
  program: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
  drive: (service: Pick<Service, 'port' | 'terminate'>) => Promise<Outcome>,
): Promise<Outcome> {
  const child = startCommand([process.execPath, program], { cwd, env, deadlineMs });
  try {
    const port = Number((await child.line(/^ready \d+$/)).split(' ')[1]);
    const terminate = (): Promise<Outcome> => {
      child.process.kill('SIGTERM');
      return child.ended;
    };
    return await drive({ port, terminate });
  } catch (error) {
    child.process.kill('SIGKILL');
    throw new Error(`the service: ${JSON.stringify(await child.ended)}`, { cause: error });
  }
}
