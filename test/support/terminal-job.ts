import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { kill } from 'sigkit';

import { until } from './child.js';
import { fixture, init, scratch } from './init.js';
import { keys, type Terminal } from './terminal.js';
import { childOf, childrenOf, statOf } from './processes.js';

/** A line of a file is what the child, or init, has said. */
export class Report {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  get lines(): string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : [];
  }

  async reaches(expected: readonly string[]): Promise<void> {
    const message = (): string => `${JSON.stringify(expected)} is said, and not ${JSON.stringify(this.lines)}`;
    await until(() => this.lines.length >= expected.length, message()).catch(() => assert.fail(message()));
    assert.deepEqual(this.lines, expected);
  }
}

/** sigkit-init with test/fixtures/init/terminal-probe.c, as a command for a shell on a terminal. */
export class TerminalJob {
  readonly command: string;
  readonly said: Report;
  readonly initSaid: Report;
  init = 0;
  child = 0;

  constructor(...options: readonly string[]) {
    const file = path.join(mkdtempSync(path.join(scratch(), 'terminal-')), 'said');
    this.said = new Report(file);
    this.initSaid = new Report(`${file}-by-init`);
    const words = [init, '--verbose', '--subreaper', ...options, '--', fixture('terminal-probe'), file];
    this.command = `${words.join(' ')} 2>${file}-by-init`;
  }

  async runs(terminal: Terminal): Promise<void> {
    await this.said.reaches(['ready']);
    const isInit = (pid: number): boolean => statOf(pid)?.comm === 'sigkit-init';
    this.init = [terminal.leader, ...childrenOf(terminal.leader)].find(isInit) ?? 0;
    this.child = await childOf(this.init);
  }

  async stops(terminal: Terminal): Promise<void> {
    terminal.type(keys.suspend);
    await until(() => statOf(this.child)?.state === 'T', 'the child is stopped');
    await until(() => statOf(this.init)?.state === 'T', 'init is stopped');
    await terminal.foreground(terminal.leader);
  }

  /** What the child reads. */
  async gets(terminal: Terminal, line: string): Promise<void> {
    const before = this.said.lines;
    kill(this.child, 'SIGUSR1');
    terminal.type(`${line}\n`);
    await until(() => this.said.lines.includes(`typed ${line}`), `the child gets ${line}`);
    assert.deepEqual(this.said.lines.slice(0, before.length), before);
  }

  forwarded(name: string): number {
    return this.initSaid.lines.filter((line) => line.includes(`forwarded ${name} to`)).length;
  }

  [Symbol.dispose](): void {
    for (const pid of [this.init, this.child]) if (pid > 0 && statOf(pid) !== null) kill(pid, 'SIGKILL');
  }
}
