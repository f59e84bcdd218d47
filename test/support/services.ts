import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Child, Outcome } from './child.js';
import { asPid1, scratch, startCommand } from './init.js';
import { childOf } from './processes.js';

const example = fileURLToPath(new URL('../../examples/custom-init.js', import.meta.url));
// LeakSanitizer's own helper process does not work as PID 1.
const env = { SIGKIT_DETECT_LEAKS: '0' };

export type Service = Readonly<Record<string, unknown>>;

/** Where the custom init and its services run. */
export class ServiceFolder {
  readonly path: string = mkdtempSync(path.join(scratch(), 'services-'));

  write(name: string, content: string): void {
    writeFileSync(path.join(this.path, name), content);
  }

  read(name: string): string {
    return readFileSync(path.join(this.path, name), 'utf8');
  }

  /** What the custom init reads at its start, and on SIGHUP. */
  configure(services: Readonly<Record<string, Service>>): void {
    this.write('services.json', JSON.stringify({ services }));
  }

  start(): Container {
    return new Container(this);
  }
}

/** The custom init as PID 1 of a namespace of its own. */
export class Container implements AsyncDisposable {
  readonly folder: ServiceFolder;
  readonly #child: Child;

  constructor(folder: ServiceFolder) {
    this.folder = folder;
    this.#child = startCommand([...asPid1, process.execPath, example, 'services.json'], { cwd: folder.path, env });
  }

  get ended(): Promise<Outcome> {
    return this.#child.ended;
  }

  /** PID 1, as it is called out here. */
  pid(): Promise<number> {
    return childOf(this.#child.pid);
  }

  /** Waits for these lines, in this order; others may come between. */
  async lines(...expected: readonly string[]): Promise<void> {
    for (const line of expected) await this.#child.line(new RegExp(`^${line}$`));
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    process.kill(await this.pid(), name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.process.kill('SIGKILL');
    await this.#child.ended;
  }
}
