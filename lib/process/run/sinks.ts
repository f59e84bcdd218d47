import type { Writable } from 'node:stream';

import { toBoolean, toDescriptor, toInteger } from '../../base/arguments.js';
import { fs } from '../../base/builtins.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { descriptorOf } from '../spawn/given-stream.js';
import { toPath } from '../spawn/spawn-request.js';
import type { StdioEntry } from '../spawn/stdio-types.js';
import type { FileSink, From } from './options.js';
import { Writer } from './writer.js';

/** A file, checked. */
export interface OutputFile {
  readonly path: string;
  /** Each write is put at its end. */
  readonly append: boolean;
  readonly truncate: boolean;
  readonly mode: number;
}

export type Place = 'pipe' | 'ignore' | 'inherit' | number | Writable | OutputFile;

const expected = "'pipe', 'ignore', 'inherit', a descriptor, a stream, { path }, or a list of them";
const fileNames: OptionNames<FileSink> = { path: true, append: true, mode: true };

export function isFile(place: Place | object): place is OutputFile {
  return typeof place === 'object' && !('write' in place) && 'path' in place;
}

function toFile(given: FileSink, argument: string): OutputFile {
  const file = readOptions(given, fileNames, undefined, argument);
  const append = toBoolean(file.append, `${argument}.append`, false);
  return {
    path: process.getBuiltinModule('node:path').resolve(toPath(file.path, `${argument}.path`)),
    append,
    truncate: !append,
    mode: file.mode === undefined ? 0o666 : toInteger(file.mode, `${argument}.mode`, 0, 0o7777),
  };
}

function toPlace(value: unknown, argument: string): Place {
  if (typeof value === 'number') return toDescriptor(value, argument);
  if (value === 'pipe' || value === 'ignore' || value === 'inherit') return value;
  if (typeof value === 'string') throw outOfRange(argument, expected, value);
  if (typeof value !== 'object' || value === null) throw invalidArgType(argument, expected, value);
  if ('write' in value && typeof value.write === 'function' && 'on' in value) return value as Writable;
  if (descriptorOf(value) !== undefined) return value as Writable;
  if ('path' in value) return toFile(value as FileSink, argument);
  throw invalidArgType(argument, expected, value);
}

/** Where one stream of a command goes. */
export function toPlaces(value: unknown, argument: string): readonly Place[] {
  if (value === undefined) return ['pipe'];
  if (!Array.isArray(value)) return [toPlace(value, argument)];
  if (value.length === 0) throw outOfRange(argument, 'not empty', value);
  return Array.from(value, (item: unknown, index) => toPlace(item, `${argument}[${index}]`));
}

/** What a command gets at 1 or 2, and what becomes of it when that is a pipe. */
export interface OpenPlaces {
  readonly entry: StdioEntry;
  readonly keeps: boolean;
  readonly writers: readonly Writer[];
  /** The command has its own of it. */
  readonly close: () => void;
}

/** A file that is there several times is emptied once, and nobody writes over what another one has written. */
export function shareFiles(streams: readonly (readonly Place[])[]): readonly (readonly Place[])[] {
  const paths = streams.flat().flatMap((place) => (isFile(place) ? [place.path] : []));
  if (new Set(paths).size === paths.length) return streams;
  const seen = new Set<string>();
  const share = (place: Place): Place => {
    if (!isFile(place) || paths.indexOf(place.path) === paths.lastIndexOf(place.path)) return place;
    const truncate = place.truncate && !seen.has(place.path);
    seen.add(place.path);
    return { ...place, append: true, truncate };
  };
  return streams.map((places) => places.map(share));
}

function openFile({ path, append, truncate, mode }: OutputFile): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC } = fs.constants;
  return fs.openSync(path, O_WRONLY | O_CREAT | (append ? O_APPEND : 0) | (truncate ? O_TRUNC : 0), mode);
}

// A pipe to nobody but one open file would be a detour.
function openOne(place: Place): OpenPlaces | undefined {
  const nobody = { keeps: false, writers: [], close: () => {} };
  if (place === 'pipe') return { ...nobody, entry: 'pipe', keeps: true };
  if (typeof place !== 'object') return { ...nobody, entry: place };
  if (isFile(place)) {
    const fd = openFile(place);
    return { ...nobody, entry: fd, close: () => fs.closeSync(fd) };
  }
  return descriptorOf(place) === undefined ? undefined : { ...nobody, entry: place };
}

function writerTo(place: Exclude<Place, 'pipe' | 'ignore'>, standard: Writable): Writer {
  if (place === 'inherit') return new Writer(standard, false);
  if (typeof place === 'number') return new Writer(fs.createWriteStream('', { fd: place, autoClose: false }), false);
  if (!isFile(place)) return new Writer(place, false);
  return new Writer(fs.createWriteStream('', { fd: openFile(place) }), true);
}

/** @throws what opening a file throws */
export function openPlaces(places: readonly Place[], from: From): OpenPlaces {
  const [first] = places;
  const alone = first !== undefined && places.length === 1 ? openOne(first) : undefined;
  if (alone !== undefined) return alone;
  const writers: Writer[] = [];
  try {
    for (const place of places)
      if (place !== 'pipe' && place !== 'ignore') writers.push(writerTo(place, process[from]));
  } catch (error) {
    for (const writer of writers) writer.discard();
    throw error;
  }
  return { entry: 'pipe', keeps: places.includes('pipe'), writers, close: () => {} };
}
