import type { SourceMap, SourceMapPayload } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { fs } from '../base/builtins.js';
import type { StackFrame } from './frames.js';

// Of a bundle and of its map: more would take longer than a thread that hangs is looked at.
const largestBytes = 16 << 20;
const lastComment = /^\/\/[#@] *sourceMappingURL=(\S+)\s*$/gm;

function textOf(file: string | URL): string {
  return fs.statSync(file).size <= largestBytes ? fs.readFileSync(file, 'utf8') : '';
}

function payloadOf(place: URL): SourceMapPayload {
  const text =
    place.protocol === 'data:'
      ? Buffer.from(place.pathname.replace(/^[^,]*,/, ''), place.pathname.includes(';base64,') ? 'base64' : 'utf8')
      : textOf(place);
  return JSON.parse(String(text)) as SourceMapPayload;
}

function readMap(file: string): SourceMap | undefined {
  const code = file.startsWith('file:') ? fileURLToPath(file) : file;
  if (!path.isAbsolute(code)) return undefined;
  const comment = [...textOf(code).matchAll(lastComment)].at(-1)?.[1];
  if (comment === undefined) return undefined;
  const place = new URL(comment, pathToFileURL(code));
  const payload = payloadOf(place);
  const base = place.protocol === 'data:' ? pathToFileURL(code) : place;
  const root = (payload.sourceRoot ?? '').replace(/[^/]$/, '$&/');
  const sources = payload.sources.map((source) => new URL(`${root}${source}`, base).href);
  return new (process.getBuiltinModule('node:module').SourceMap)({ ...payload, sources });
}

const read = new Map<string, SourceMap | undefined>();

// Node has the maps of what the calling thread has loaded: of what only another one has, the file tells.
function mapOf(file: string): SourceMap | undefined {
  const known = process.getBuiltinModule('node:module').findSourceMap(file);
  if (known !== undefined || read.has(file)) return known ?? read.get(file);
  let map: SourceMap | undefined;
  try {
    map = readMap(file);
  } catch {
    // Gone, or no map: the places of what runs are right as well.
  }
  read.set(file, map);
  return map;
}

/** The frame in the source, where Node maps the stacks of errors, too: `--enable-source-maps`. */
export function inSource(frame: StackFrame): StackFrame {
  const { file, line, column } = frame;
  if (process.sourceMapsEnabled !== true || file === null || line === null || column === null) return frame;
  const origin = mapOf(file)?.findOrigin(line, column);
  if (origin === undefined || !('fileName' in origin)) return frame;
  return { ...frame, file: origin.fileName, line: origin.lineNumber, column: origin.columnNumber };
}
