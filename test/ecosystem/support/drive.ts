import type { Options, Trial } from './beside.js';

/** The process that has said `ready`. */
export async function readyPid({ child }: Trial): Promise<number> {
  const line = await child.line(/^.*ready \d+\r?$/);
  return Number(/ready (\d+)/.exec(line)?.[1]);
}

/** Sends a signal to the program as soon as it is ready. */
export function sends(signal: NodeJS.Signals): Pick<Options, 'drive'> {
  return {
    async drive(trial) {
      process.kill(await readyPid(trial), signal);
    },
  };
}

/** As `sends`, to what has been started itself, which has started the program. */
export function toStarted(signal: NodeJS.Signals): Pick<Options, 'drive'> {
  return {
    async drive(trial) {
      await readyPid(trial);
      process.kill(trial.child.pid, signal);
    },
  };
}

/** Types something as soon as it is ready. */
export function types(keys: string): Pick<Options, 'drive'> {
  return {
    async drive(trial) {
      await readyPid(trial);
      trial.child.write(keys);
    },
  };
}
