import { told } from '../../base/told.js';
import type { DiagnosticRequest } from '../answering.js';
import type { DumpFolder } from '../files.js';
import { inJson } from '../in-json.js';
import { inspectProcess } from '../inspect/inspect.js';
import type { InspectedProcess } from '../inspect/types.js';
import { captureStacks } from '../stacks.js';
import { utcNow } from '../utc.js';
import { askedOf } from './asked.js';
import { cgroupUsage } from './cgroup-usage.js';
import { descriptors } from './descriptors.js';
import { loopState } from './loop.js';
import { askProviders, failed, type Providers } from './providers.js';
import { nativeState } from './state.js';

export interface DumpSettings {
  /** Whose descriptor is not the program's. */
  readonly folder: DumpFolder | undefined;
  readonly providers: Providers;
  readonly withArguments: boolean;
}

function part<T>(read: () => T): T | { readonly error: string } {
  try {
    return read();
  } catch (error) {
    return failed(error);
  }
}

function countsOf(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

// The arguments are told only where they are asked for.
function inspected(withArguments: boolean): InspectedProcess {
  const seen = inspectProcess();
  return withArguments ? seen : { ...seen, command: null };
}

/** All that this process can tell of itself, each part for itself. */
export async function dumpText(request: DiagnosticRequest, settings: DumpSettings): Promise<string> {
  const { withArguments, folder, providers } = settings;
  const dump = {
    schema: 1,
    kind: 'dump',
    answered: true,
    at: utcNow(),
    pid: process.pid,
    asked: askedOf(request),
    loop: part(() => loopState(request.info.time)),
    versions: part(() => process.versions),
    uptimeMs: part(() => process.uptime() * 1000),
    arguments: part(() => (withArguments ? { argv: process.argv, execArgv: process.execArgv } : null)),
    process: part(() => inspected(withArguments)),
    cgroup: part(cgroupUsage),
    memory: part(() => process.memoryUsage()),
    heap: part(() => process.getBuiltinModule('node:v8').getHeapStatistics()),
    stacks: part(() => captureStacks()),
    state: part(() => ({ ...nativeState(), ...told() })),
    resources: part(() => countsOf(process.getActiveResourcesInfo())),
    descriptors: part(() => descriptors(folder?.fd)),
    // Last: what they wait for may take a second.
    providers: await askProviders(providers),
  };
  return `${JSON.stringify(dump, inJson)}\n`;
}
