import { escapeLine } from '../../base/escape.js';
import type { ProcessNode } from '../inspect/children.js';
import type { ThreadStack } from '../thread-stack.js';
import type { AnsweredDump, Dump, DumpAsked, DumpedProcess, UnansweredDump } from './types.js';

const step = '  ';
const width = 110;
// A thread that blocks nearly all tells nothing by their names.
const manySignals = 30;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function inline(value: unknown): string {
  if (Array.isArray(value)) {
    if (value.length > manySignals) return `${value.length} of them`;
    return value.length === 0 ? '-' : value.map((item) => inline(item)).join(', ');
  }
  if (!isObject(value)) return value === null || value === undefined ? '-' : String(value as string | number | boolean);
  return Object.entries(value)
    .map(([name, item]) => `${name} ${isObject(item) && !Array.isArray(item) ? `{ ${inline(item)} }` : inline(item)}`)
    .join(', ');
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => step + line);

function block(title: string, value: unknown): string[] {
  const line = `${title}: ${inline(value)}`;
  if (!isObject(value) || 'error' in value) return [line];
  if (Array.isArray(value)) return value.length === 0 ? [line] : [`${title}:`, ...indented(value.map(inline))];
  if (line.length <= width) return [line];
  return [`${title}:`, ...indented(Object.entries(value).flatMap(([name, item]) => block(name, item)))];
}

function placeOf({ function: name, file, line, column, native }: ThreadStack['frames'][number]): string {
  const place = native ? 'native' : [file, line, column].filter((item) => item !== null).join(':');
  return name === null ? `at ${place}` : `at ${name} (${place})`;
}

function stackLines({ name, threadId, tid, state, blockedMs, frames, framesOmitted, syscall }: ThreadStack): string[] {
  const call = syscall === null ? '' : `, in ${syscall}`;
  const omitted = framesOmitted > 0 ? [`and ${framesOmitted} more between the last of these`] : [];
  return [
    `${name} (thread ${threadId}, tid ${tid}) ${state}${call}; event loop blocked for ${Math.round(blockedMs)} ms`,
    ...indented([...frames.map(placeOf), ...omitted]),
  ];
}

const nodeLines = ({ pid, name, state, ageMs, children }: ProcessNode): string[] => [
  `${pid} ${name} ${state ?? '?'}${ageMs === null ? '' : `, ${Math.round(ageMs / 1000)} s old`}`,
  ...indented(children.flatMap(nodeLines)),
];

// Of threads what is usual for them all is left out.
function threadLines({ threads }: DumpedProcess): string[] {
  return (threads ?? []).map(({ tid, name, state, waitsIn, blocked, pending }) => {
    const signals = [['blocks', blocked] as const, ['pending', pending] as const].filter(
      ([, names]) => names.length > 0,
    );
    const about = [state ?? '?', waitsIn === null ? '' : `in ${waitsIn}`].filter(Boolean).join(' ');
    return [`${tid} ${name}: ${about}`, ...signals.map(([what, names]) => `${what} ${inline(names)}`)].join('; ');
  });
}

function processLines(process: AnsweredDump['process']): string[] {
  if ('error' in process) return block('Process', process);
  const { threads: _, children, cgroups: __, ...rest } = process;
  return [
    ...block('Process', rest),
    'Threads:',
    ...indented(threadLines(process)),
    ...(children.length === 0 ? ['Descendants: -'] : ['Descendants:', ...indented(children.flatMap(nodeLines))]),
  ];
}

function askedLine({ signal, code, pid, uid, value, merged, name, command }: DumpAsked): string {
  const who = pid === null ? 'nobody with a pid here' : `pid ${pid} (uid ${uid})`;
  const program = command.length > 0 ? command.join(' ') : name;
  const more = [value === null ? '' : `, value ${value}`, merged > 0 ? `, and ${merged} more` : ''].join('');
  return `Asked for by ${signal} (${code}${more}) from ${who}${program === '' ? '' : `: ${program}`}`;
}

function answeredLines(dump: AnsweredDump): string[] {
  const { stacks, process } = dump;
  const parts = ['uptimeMs', 'arguments', 'loop', 'memory', 'heap', 'cgroup'] as const;
  const last = ['state', 'resources', 'descriptors', 'providers', 'versions'] as const;
  return [
    ...('error' in stacks ? block('Stacks', stacks) : ['Stacks:', ...indented(stacks.flatMap(stackLines))]),
    ...parts.flatMap((name) => block(name, dump[name])),
    ...processLines(process),
    ...last.flatMap((name) => block(name, dump[name])),
  ];
}

function rawLines(title: string, value: unknown): string[] {
  if (isObject(value))
    return [`${title}:`, ...indented(Object.entries(value).flatMap(([name, item]) => rawLines(name, item)))];
  const lines = String(value as string | null)
    .trimEnd()
    .split('\n');
  return lines.length === 1 ? [`${title}: ${lines[0]}`] : [`${title}:`, ...indented(lines)];
}

const unansweredLines = ({ stacks, raw }: UnansweredDump): string[] => [
  'JavaScript did not answer: this is what the native thread could tell.',
  'Stacks:',
  ...indented(stacks),
  ...Object.entries(raw).flatMap(([name, text]) => rawLines(name, text)),
];

/** A dump as text, for people. What others have named in it ends no line, and tells no terminal anything. */
export function renderDump(dump: Dump): string {
  const lines = [
    `Dump of pid ${dump.pid} at ${dump.at}`,
    askedLine(dump.asked),
    ...(dump.answered ? answeredLines(dump) : unansweredLines(dump)),
  ];
  return `${lines.map((line) => escapeLine(line.replaceAll('\t', ' '))).join('\n')}\n`;
}
