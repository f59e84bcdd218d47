// What Node publishes of each import(), the one of the entry point among them: that one has no parent. From Node 22 on.
interface Import {
  readonly parentURL?: string;
}

const channelName = 'tracing:module.import';
// Node 20 listens so for an exit while the entry point is awaited.
const awaiting = 'handleProcessExit';

function isCommonJsOver(): boolean {
  // oxlint-disable-next-line typescript/no-deprecated -- for ES modules, there is `import.meta.main`; here it is about another one
  return process.mainModule?.loaded === true;
}

// By -e and -p, on stdin, and at the prompt, there is none that could be seen.
function isExpected(): boolean {
  const [, file] = process.argv;
  return file !== undefined && file !== '-' && !('_eval' in process && process._eval !== undefined);
}

/** Sees when the program has been evaluated, whatever it awaits at its top included. */
export class EntryPoint {
  readonly #over: () => void;
  readonly #underWay = new Set<unknown>();
  #seen = !isExpected();
  #evaluated = false;
  #closed = false;

  /** `over` is called in the turn of the event loop after that; more than once, until `close()`. */
  constructor(over: () => void) {
    this.#over = over;
    const { subscribe } = process.getBuiltinModule('node:diagnostics_channel');
    subscribe(`${channelName}:start`, this.#onStart);
    subscribe(`${channelName}:asyncEnd`, this.#onEnd);
    this.#look();
    this.lookLater();
  }

  close(): void {
    this.#closed = true;
    const { unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
    unsubscribe(`${channelName}:start`, this.#onStart);
    unsubscribe(`${channelName}:asyncEnd`, this.#onEnd);
  }

  /** In the next turn of the event loop, which does not go on for that. */
  lookLater(): void {
    setImmediate(() => {
      if (!this.#closed && this.#look()) this.#over();
    });
  }

  readonly #onStart = (about: unknown): void => void this.#underWay.add(about);

  readonly #onEnd = (about: unknown): void => {
    this.#underWay.delete(about);
    if ((about as Import).parentURL === undefined) this.#evaluated = true;
    this.lookLater();
  };

  #look(): boolean {
    const isAwaited = process.listeners('exit').some(({ name }) => name === awaiting);
    if (isAwaited) this.#seen = true;
    if (isAwaited || this.#underWay.size > 0) return false;
    return this.#evaluated || this.#seen || isCommonJsOver();
  }
}
