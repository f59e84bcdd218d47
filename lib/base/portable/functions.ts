import { dieOf } from './ending.js';
import { GuardFunctions } from './guard-functions.js';
import type { OtherListeners } from './others.js';

const notSupported = -95;

/** All that the portable backend can do of what the addon does; a failure is a negative errno. */
export class PortableFunctions extends GuardFunctions {
  get silentListeners(): OtherListeners {
    return this.claims.others;
  }

  exitBySignal(signal: number): never {
    return dieOf(signal, this.claims);
  }

  // Who calls it is the last listener of 'exit'.
  exitBySignalAtLast(signal: number): number {
    return dieOf(signal, this.claims);
  }

  leaveLostTerminals(): number {
    return 0;
  }

  // Who was started by sigkit-init on Linux.
  startIgnored(): number {
    return 0;
  }

  checkOwnProc(): number {
    return notSupported;
  }

  inFirstPidNamespace(): number {
    return 1;
  }

  bootTimeMs(): number {
    return process.getBuiltinModule('node:os').uptime() * 1000;
  }

  // Who asks for a connection at the last moment is refused by the kernel.
  ignoreConnections(): number {
    return notSupported;
  }

  closeIgnoringListener(): number {
    return 0;
  }

  execve(): number {
    return notSupported;
  }
}
