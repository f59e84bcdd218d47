import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The rooms of lib/, each of which uses those before it. lib/index.ts is what lib/signals exports. */
const rooms = ['base', 'signals', 'early', 'process', 'systemd', 'shutdown', 'diagnostics', 'cli'];

/** The rooms in a room, and which of the others each uses. */
const inner: Readonly<Record<string, readonly string[]>> = {
  'base/portable': [],
  'diagnostics/register': [],
  'process/waiting': [],
  'process/contain': ['process/waiting', 'process/ending'],
  'process/spawn': ['process/waiting', 'process/ending', 'process/contain'],
  'process/ending': ['process/waiting'],
  'process/run': ['process/spawn', 'process/contain', 'process/ending', 'process/waiting'],
  'shutdown/course': [],
  'shutdown/adapters': [],
  'shutdown/health': ['shutdown/adapters'],
  'shutdown/reload': [],
  'diagnostics/actions': ['diagnostics/inspect'],
  'diagnostics/inspect': [],
  'diagnostics/dump': ['diagnostics/inspect'],
  'diagnostics/explain': ['diagnostics/inspect'],
  'cli/doctor': [],
  'cli/doctor/lint': ['cli/doctor'],
  'cli/asking': [],
};

/** The rooms of native/, and which others each uses. */
const nativeRooms: Readonly<Record<string, readonly string[]>> = {
  posix: [],
  init: ['posix'],
  hub: ['posix'],
  addon: ['hub', 'posix'],
  toolchain: [],
};

const headersOfNode = /^(?:napi|node|node_api|js_native_api|uv|v8)\b/;

type Arrow = readonly [from: string, to: string];

function arrowsIn(folder: string, name: RegExp, reference: RegExp): Arrow[] {
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => name.test(file))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, folder, file), 'utf8');
      return [...text.matchAll(reference)].map(([, target = '']): Arrow => [file, target]);
    });
}

const imports = arrowsIn('lib', /\.ts$/, /\b(?:from|import)[ (]+'([^']+)'/g);
const withinLib = imports
  .filter(([, target]) => target.startsWith('.'))
  .map(([file, target]): Arrow => [file, path.join(path.dirname(file), target).replace(/js$/, 'ts')]);
const includes = arrowsIn('native', /\.(?:cc|h)$/, /^#include ["<]([^">]+)[">]/gm);

const topOf = (file: string): string => file.split('/')[0] ?? '';
const roomOf = (file: string): string => (file === 'index.ts' ? 'signals' : topOf(file));
const innerOf = (file: string): string | undefined => (file.split('/').length > 2 ? path.dirname(file) : undefined);
const existing = new Set(includes.map(([file]) => topOf(file)));
const told = (arrows: readonly Arrow[]): string[] => arrows.map(([from, to]) => `${from} uses ${to}`);

// Goes along all arrows from a file; the way back to where it has been, if there is one.
function cycleFrom(file: string, way: readonly string[], done: Set<string>): readonly string[] | undefined {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const [, target] of withinLib.filter(([from]) => from === file)) {
    const cycle = cycleFrom(target, [...way, file], done);
    if (cycle !== undefined) return cycle;
  }
  done.add(file);
  return undefined;
}

describe('the arrows of docs/architecture.md', () => {
  it('a room of lib uses only what is below it', () => {
    assert.ok(withinLib.length > 200);
    for (const file of withinLib.flat()) assert.ok(rooms.includes(roomOf(file)), `${file} is in no room`);
    assert.deepEqual(
      told(withinLib.filter(([from, to]) => rooms.indexOf(roomOf(from)) < rooms.indexOf(roomOf(to)))),
      [],
    );
  });

  it('a room in a room uses what is beside it, and of the others only what it may', () => {
    const between = withinLib
      .map(([from, to]): Arrow => [innerOf(from) ?? '', innerOf(to) ?? ''])
      .filter(([from, to]) => from !== to && topOf(from) === topOf(to));
    for (const room of withinLib.flat().map(innerOf)) assert.ok(room === undefined || room in inner, room);
    assert.deepEqual(told(between.filter(([from, to]) => inner[from]?.includes(to) !== true)), []);
  });

  it('no files of lib use each other in a circle', () => {
    const done = new Set<string>();
    for (const [file] of withinLib) assert.deepEqual(cycleFrom(file, [], done), undefined);
  });

  it('the addon is loaded by what chooses it, and by its literal paths', () => {
    const loading = arrowsIn('lib', /(?<!\.d)\.ts$/, /(from 'bindings'|sigkit\.node|\bdlopen\b)/g);
    assert.deepEqual([...new Set(loading.map(([file]) => file))].sort(), ['base/addon-file.ts', 'base/prebuilt.ts']);
  });

  it('a room of native uses only what is below it', () => {
    const own = includes.filter(([, header]) => existing.has(topOf(header)));
    assert.ok(own.length > 150);
    for (const room of existing) assert.ok(room in nativeRooms, `native/${room}`);
    assert.deepEqual(
      told(own.filter(([file, header]) => ![topOf(file), ...(nativeRooms[topOf(file)] ?? [])].includes(topOf(header)))),
      [],
    );
  });

  it('only the addon knows Node', () => {
    const nodes = includes.filter(([, header]) => headersOfNode.test(header));
    assert.ok(nodes.length > 0);
    assert.deepEqual(told(nodes.filter(([file]) => topOf(file) !== 'addon')), []);
  });
});
