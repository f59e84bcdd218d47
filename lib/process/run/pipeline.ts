import { invalidArgType, outOfRange } from '../../base/errors.js';
import { portable, requireAddon } from '../../base/native.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { unsupportedHere } from '../../base/unsupported.js';
import { Chain, type PipelineResult } from './chain.js';
import { optionNames, runHint, type RunOptions } from './options.js';
import { Run } from './run-object.js';
import type { OutputOf } from './run.js';
import { type Settings, toSettings } from './settings.js';
import { shareFiles } from './sinks.js';

/** Of the pipeline as a whole, and of each command that does not have its own. `input` is of the first, `stdout` of the last. */
export type PipelineOptions = Omit<RunOptions, 'processGroup' | 'session' | 'foreground'>;

/** Of one command of a pipeline. */
export type StageOptions = Omit<PipelineOptions, OfTheWhole>;

type OfTheWhole =
  | 'stdin'
  | 'input'
  | 'stdout'
  | 'timeoutMs'
  | 'sig'
  | 'graceMs'
  | 'scope'
  | 'maxBuffer'
  | 'onMaxBuffer'
  | 'encoding'
  | 'stripFinalNewline'
  | 'lateOutputMs'
  | 'reject'
  | 'signal'
  | 'verbose'
  | 'contain';

/** A command of a pipeline, as `run()` takes it. */
export type Stage =
  | readonly [file: string, args?: readonly string[], options?: StageOptions]
  | readonly [file: string, options: StageOptions];

const { processGroup: _group, session: _session, foreground: _foreground, ...names } = optionNames;
const wholeNames: OptionNames<PipelineOptions> = names;
const {
  stdin: _stdin,
  input: _input,
  stdout: _stdout,
  timeoutMs: _timeoutMs,
  sig: _sig,
  graceMs: _graceMs,
  scope: _scope,
  maxBuffer: _maxBuffer,
  onMaxBuffer: _onMaxBuffer,
  encoding: _encoding,
  stripFinalNewline: _strip,
  lateOutputMs: _lateOutputMs,
  reject: _reject,
  signal: _signal,
  verbose: _verbose,
  contain: _contain,
  ...own
} = wholeNames;
const stageNames: OptionNames<StageOptions> = own;

function hintOfStage(name: string): string | undefined {
  return name in wholeNames ? 'It is an option of the pipeline: the last argument' : runHint(name);
}

function toStage(stage: unknown, index: number, whole: PipelineOptions, count: number): Settings {
  if (!Array.isArray(stage)) throw invalidArgType(`stages[${index}]`, 'an array: file, args, options', stage);
  const [file, ...rest] = stage as [string, ...unknown[]];
  const isArgs = rest[0] === undefined || Array.isArray(rest[0]);
  const options = (isArgs ? rest[1] : rest[0]) as StageOptions | undefined;
  const given = readOptions(options, stageNames, hintOfStage, `stages[${index}].options`);
  const { stdin, input, stdout, timeoutMs: _late, signal: _abort, ...shared } = whole;
  return toSettings(file, isArgs ? (rest[0] as readonly string[] | undefined) : [], {
    ...shared,
    ...given,
    ...(index === 0 ? { stdin, input } : { foreground: false }),
    ...(index === count - 1 ? { stdout } : {}),
  });
}

function withSharedFiles(stages: readonly Settings[]): readonly Settings[] {
  const shared = shareFiles(stages.flatMap(({ stdout, stderr }) => [stdout, stderr]));
  return stages.map((stage, index) => ({
    ...stage,
    stdout: shared[2 * index] ?? stage.stdout,
    stderr: shared[2 * index + 1] ?? stage.stderr,
  }));
}

/**
 * Runs commands of which each reads what the one before it writes, by pipes of the kernel: `pipeline(['ls'], ['wc', ['-l']])`.
 * They are one process group, and one job of the terminal. As with `set -o pipefail`, all of them have to succeed.
 * @throws as `run()`
 */
export function pipeline(...stages: readonly Stage[]): Run<PipelineResult>;
export function pipeline<const Given extends PipelineOptions>(
  ...stages: readonly [...Stage[], Given]
): Run<PipelineResult<OutputOf<Given>>>;
export function pipeline(...given: readonly (Stage | PipelineOptions)[]): Run<PipelineResult<string | Buffer>> {
  requireAddon();
  if (portable !== undefined) throw unsupportedHere('pipeline()', 'run() with shell: true');
  const last = given.at(-1);
  const hasOptions = given.length > 0 && !Array.isArray(last);
  const list: readonly unknown[] = hasOptions ? given.slice(0, -1) : given;
  if (list.length === 0) throw outOfRange('stages', 'one or more', list);
  const options = readOptions(hasOptions ? (last as PipelineOptions) : undefined, wholeNames, runHint);
  const stages = withSharedFiles(list.map((stage, index) => toStage(stage, index, options, list.length)));
  const { stdin: _first, input: _fed, stdout: _end, ...shared } = options;
  const whole = {
    ...toSettings('pipeline', [], { ...shared, foreground: false }),
    command: stages.map(({ command }) => command).join(' | '),
    input: stages[0]?.input,
  };
  return Run.start(whole, () => new Chain(whole, stages));
}
