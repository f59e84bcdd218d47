import { loadError, isMainThread, native, portable } from '../base/native.js';
import { shadow } from '../base/shadow.js';
import { numbersIn } from '../base/signal-numbers.js';
import { isNameOf } from '../signals/names.js';
import { maskOf, type SignalMask } from '../signals/signal-mask.js';
import { claimError } from '../signals/stream.js';
import { EntryPoint } from './entry-point.js';
import { wantedSignals } from './wanted-signals.js';

// A signal is kept no longer than that, also while JavaScript is blocked; and nothing is kept any more when the program
// has been evaluated for so long.
const patienceMs = 5_000;
const longestMs = 30_000;

function giveBack({ low, high }: SignalMask): void {
  native().giveBackEarly(low, high);
}

// A mask outlives execve(2): what this process becomes would be immune. Node has it from 22.15 on.
function shadowExecve(before: () => void): () => void {
  const execve: unknown = Reflect.get(process, 'execve');
  if (typeof execve !== 'function') return () => {};
  return shadow(process, 'execve', (...args: unknown[]): unknown => {
    before();
    return Reflect.apply(execve, process, args);
  });
}

// Until the entry point has been evaluated, by a listener nowhere: who counts those of `process` finds its own.
function holdUntilEvaluated(mask: SignalMask): void {
  const numbers = numbersIn(mask);
  const entryPoint = new EntryPoint(() => end());
  // oxlint-disable-next-line typescript/unbound-method -- it is called as a method of the same object
  const { emit } = process as { emit(this: unknown, event: string | symbol, ...args: unknown[]): boolean };
  const restore = shadow(process, 'emit', function (this: unknown, event: string | symbol, ...args: unknown[]) {
    if (event === 'exit') end();
    const result = Reflect.apply(emit, this, [event, ...args]);
    // Only now would libuv call the listener.
    if (event === 'newListener' && !ended) giveBack(maskOf(numbers.filter((number) => isNameOf(args[0], number))));
    if (event === 'removeListener') entryPoint.lookLater();
    return result;
  });
  const restoreExecve = shadowExecve(() => end());
  const timer = setTimeout(() => end(), longestMs).unref();
  let ended = false;
  function end(): void {
    if (ended) return;
    ended = true;
    restore();
    restoreExecve();
    clearTimeout(timer);
    entryPoint.close();
    giveBack(mask);
  }
}

// Whom somebody listens to by process.on already is Node's.
function isUnheard(number: number): boolean {
  return native().findWatchers(number) === 0;
}

function start(): void {
  const mask = maskOf(numbersIn(wantedSignals()).filter(isUnheard));
  const id = native().claimEarly(mask.low, mask.high, patienceMs);
  if (id < 0) warn(claimError(id));
  else if (id > 0) holdUntilEvaluated(mask);
}

function warn(cause: unknown): void {
  process.emitWarning(`sigkit/early protects nothing: ${String(cause)}`, 'SigkitWarning');
}

if (loadError !== undefined) warn(loadError);
else if (portable !== undefined) warn('the portable backend claims by process.on alone: claim in the first module');
else if (isMainThread) start();
