import type { Area } from '../report/model.js';
import { blockedLoopArea } from './blocked-loop.js';
import { diagnosticsArea } from './diagnostics.js';
import { fanOutArea } from './fan-out.js';
import { idleArea } from './idle.js';
import { importArea } from './import.js';
import { initArea } from './init.js';
import { latencyArea } from './latency.js';
import { masksArea } from './masks.js';
import { reapingArea } from './reaping.js';
import { restartsArea } from './restarts.js';
import { runArea } from './run.js';
import { shutdownArea } from './shutdown.js';
import { spawnArea } from './spawn.js';
import { stallsArea } from './stalls.js';
import { throughputArea } from './throughput.js';
import { treeArea } from './tree.js';

/** In the order in which they run. */
export const areas: readonly Area[] = [
  latencyArea,
  throughputArea,
  blockedLoopArea,
  fanOutArea,
  masksArea,
  importArea,
  idleArea,
  stallsArea,
  spawnArea,
  runArea,
  reapingArea,
  treeArea,
  initArea,
  shutdownArea,
  restartsArea,
  diagnosticsArea,
];
