import { invalidArgType } from '../base/errors.js';
import { givenNames } from '../base/options.js';
import { toChoice, toObject } from '../base/arguments.js';
import { nameOf, parseSignal, type SignalName } from '../signals/names.js';

// In the order of native/hub/diagnostic_request.h; by this number sigqueue(3) asks, too.
export const diagnosticActions = [
  'dump',
  'stacks',
  'heapSnapshot',
  'heapProfile',
  'cpuProfile',
  'report',
  'openInspector',
  'closeInspector',
  'reopen',
] as const;

/** What a signal may ask for. */
export type DiagnosticAction = (typeof diagnosticActions)[number];

/** What signals ask for; `'byValue'`: the value that sigqueue(3) sends with it says. */
export type SignalActions = Readonly<Partial<Record<SignalName, DiagnosticAction | 'byValue'>>>;

// What follows them there.
const print = diagnosticActions.length;
const choices: readonly string[] = [...diagnosticActions, 'byValue'];
const none = 255;

// Neither the first real-time signals, which runtimes take for themselves, nor the last, which debuggers do, nor one of systemd's.
const usual: SignalActions = { 'SIGRTMIN+12': 'byValue' };

export const actionOf = (number: number): DiagnosticAction => diagnosticActions[number] ?? 'dump';

/** For the native side: what each signal of these asks for, by its number. */
export function actionTable(printed: readonly number[], given: ReadonlyMap<number, number>): Uint32Array {
  const table = new Uint32Array(65).fill(none);
  for (const number of printed) table[number] = print;
  for (const [number, choice] of given) table[number] = choice < print ? choice : print + 1;
  return table;
}

/** By numbers of signals, which of the choices. @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function toActions(value: unknown, hasDirectory: boolean): ReadonlyMap<number, number> {
  if (value !== undefined && !hasDirectory)
    throw invalidArgType('options.directory', 'a string where there are options.actions', undefined);
  if (!hasDirectory) return new Map();
  const given = value === undefined ? usual : toObject(value as object, 'options.actions');
  return new Map(
    givenNames(given).map((name) => [
      parseSignal(name, 'options.actions'),
      toChoice(Reflect.get(given, name), `options.actions['${name}']`, choices),
    ]),
  );
}

/** As they have been taken. */
export const actionsByName = (given: ReadonlyMap<number, number>): SignalActions =>
  Object.fromEntries([...given].map(([number, choice]) => [nameOf(number), choices[choice]])) as SignalActions;
