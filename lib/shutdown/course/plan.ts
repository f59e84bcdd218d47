import { toBoolean, toChoice, toFunction, toTimeoutMs } from '../../base/arguments.js';
import { invalidArgType, outOfRange, SigkitError } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { Hook, HookOptions, Participant, StageOptions } from '../types.js';
import { HookGraph } from './hook-graph.js';
import { quoted, Stages, type StageSettings } from './stages.js';

const stageOptionNames: OptionNames<StageOptions> = {
  timeoutMs: true,
  onTimeout: true,
  parallel: true,
  expected: true,
  after: true,
};
const hookOptionNames: OptionNames<HookOptions> = { stage: true, dependsOn: true, timeoutMs: true, expected: true };
const usualStage = 'release';

/** What is to be done, as it is told: the stages and their hooks. Everything is checked before anything changes. */
export class Plan {
  readonly stages: Stages = new Stages();
  readonly graph: HookGraph = new HookGraph();

  stage(name: string, options: StageOptions | undefined): void {
    const given = readOptions(options, stageOptionNames);
    const settings = toSettings(given);
    const { after } = given;
    if (after !== undefined) toName(after, 'options.after');
    if (this.stages.names().includes(toName(name, 'name'))) {
      if (after !== undefined) throw outOfRange('options.after', 'left out for a stage that is there', after);
      this.#refusePast(this.stages.hasBegun(name), `the stage '${name}' has begun`);
      this.stages.configure(name, settings);
    } else {
      this.#refusePast(this.stages.isPast(after), `it is too late for a stage '${name}'`);
      this.stages.insert(name, settings, after);
    }
  }

  add(name: string, hook: Hook | Participant, options: HookOptions | undefined): void {
    const given = readOptions(options, hookOptionNames);
    const entry = {
      name: toName(name, 'name'),
      hooks: this.#toHooks(hook, given.stage),
      dependsOn: toNames(given.dependsOn, 'options.dependsOn'),
      timeoutMs: toTimeoutMs(given.timeoutMs, 'options.timeoutMs'),
      expected: toBoolean(given.expected, 'options.expected', false),
    };
    for (const stage of entry.hooks.keys())
      this.#refusePast(this.stages.hasBegun(stage), `'${name}' cannot be added: the stage '${stage}' has begun`);
    this.graph.add(entry, this.stages.names());
  }

  #toHooks(hook: Hook | Participant, stage: string | undefined): Map<string, Hook> {
    if (typeof hook === 'function')
      return new Map([[stage === undefined ? usualStage : this.#toStage(stage, 'options.stage'), hook]]);
    const allowed = 'a function, or an object with a function for each of its stages';
    if (typeof hook !== 'object' || hook === null) throw invalidArgType('hook', allowed, hook);
    if (stage !== undefined) throw outOfRange('options.stage', 'left out where the hooks name their stages', stage);
    const entries = Object.entries(hook);
    if (entries.length === 0) throw outOfRange('hook', allowed, hook);
    return new Map(
      entries.map(([name, each]) => [
        this.#toStage(name, 'a key of hook'),
        toFunction(each, `hook[${JSON.stringify(name)}]`),
      ]),
    );
  }

  #toStage(value: unknown, argument: string): string {
    const name = toName(value, argument);
    const names = this.stages.names();
    if (!names.includes(name)) throw outOfRange(argument, `one of ${quoted(names)}`, name);
    return name;
  }

  #refusePast(past: boolean, message: string): void {
    if (past) throw new SigkitError('ERR_SIGKIT_SHUTTING_DOWN', message);
  }
}

function toSettings({ timeoutMs, onTimeout, parallel, expected }: StageOptions): StageSettings {
  if (onTimeout !== undefined && typeof onTimeout !== 'function')
    toChoice(onTimeout, 'options.onTimeout', ['continue', 'abort']);
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs: toTimeoutMs(timeoutMs, 'options.timeoutMs') }),
    ...(onTimeout === undefined ? {} : { onTimeout }),
    ...(parallel === undefined ? {} : { parallel: toBoolean(parallel, 'options.parallel', true) }),
    ...(expected === undefined ? {} : { expected: toBoolean(expected, 'options.expected', false) }),
  };
}

// The line that the guard writes at the end is one line.
function toName(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw invalidArgType(argument, 'of type string', value);
  if (!/^\P{Cc}+$/u.test(value)) throw outOfRange(argument, 'a text without control characters', value);
  return value;
}

function toNames(value: unknown, argument: string): string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [toName(value, argument)];
  if (!Array.isArray(value)) throw invalidArgType(argument, 'a string or an array of strings', value);
  return [...new Set(value.map((name: unknown) => toName(name, `${argument}[]`)))];
}
