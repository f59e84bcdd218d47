import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type DumpFolder, type DumpLimits, openDumpFolder, usualLimits } from '../../lib/diagnostics/files.js';
import { needRoot } from '../fixtures/process/means.js';

const refusal = { name: 'SigkitError', code: 'ERR_SIGKIT_DIAGNOSTICS_DIRECTORY' };
const hourMs = 3_600_000;

describe('the directory of dumps', () => {
  let parent = '';
  let directory = '';
  const opened: DumpFolder[] = [];

  beforeEach(() => {
    parent = mkdtempSync(path.join(tmpdir(), 'sigkit-dumps-'));
    directory = path.join(parent, 'dumps');
  });
  afterEach(() => {
    for (const folder of opened.splice(0)) folder.close();
    rmSync(parent, { recursive: true, force: true });
  });

  function open(limits: Partial<DumpLimits> = {}, where = directory): DumpFolder {
    const folder = openDumpFolder(where, { ...usualLimits, ...limits });
    opened.push(folder);
    return folder;
  }

  const left = (where = directory): string[] => readdirSync(where).sort();
  const modeOf = (file: string): number => statSync(file).mode & 0o777;

  // As one that is older, by its name and its times.
  function leave(name: string, ageMs: number, bytes = 1): string {
    const file = path.join(directory, name);
    writeFileSync(file, 'x'.repeat(bytes));
    const time = new Date(Date.now() - ageMs);
    utimesSync(file, time, time);
    return name;
  }

  it('is made for this user alone, and so is each file, which is named when it is whole', () => {
    const umask = process.umask(0);
    try {
      const folder = open();
      assert.equal(modeOf(directory), 0o700);
      const seen: string[][] = [];
      const first = folder.write('dump', 'json', '{}\n');
      const second = folder.write('heap-snapshot', 'heapsnapshot', (fd) => {
        writeSync(fd, 'whole');
        seen.push(left());
      });
      assert.match(first, new RegExp(String.raw`^${directory}/${process.pid}-\d{8}T\d{6}\.\d{3}Z-dump\.json$`));
      assert.deepEqual([readFileSync(first, 'utf8'), readFileSync(second, 'utf8')], ['{}\n', 'whole']);
      assert.deepEqual(seen, [[`.${path.basename(second)}`, path.basename(first)].sort()]);
      assert.deepEqual(left(), [first, second].map((file) => path.basename(file)).sort());
      for (const file of [first, second]) assert.equal(modeOf(file), 0o600);
    } finally {
      process.umask(umask);
    }
  });

  it('one that is there is taken as it is; it may be named by a path with links in it', () => {
    mkdirSync(directory, 0o750);
    symlinkSync(parent, path.join(parent, 'link'));
    const file = open({}, path.join(parent, 'link/dumps/')).write('dump', 'txt', '');
    assert.equal(path.dirname(file), directory);
    assert.equal(modeOf(directory), 0o750);
  });

  it('is refused if it is a link, no directory, or one that others may write to', () => {
    mkdirSync(path.join(parent, 'elsewhere'), 0o700);
    symlinkSync('elsewhere', directory);
    assert.throws(() => open(), { ...refusal, message: /symbolic link, or no directory$/ });
    assert.throws(() => open({}, `${directory}/`), refusal);
    rmSync(directory);
    symlinkSync('nowhere', directory);
    assert.throws(() => open(), refusal);
    rmSync(directory);
    writeFileSync(directory, '');
    assert.throws(() => open(), { ...refusal, message: /symbolic link, or no directory$/ });
    rmSync(directory);
    for (const mode of [0o720, 0o702, 0o1777]) {
      mkdirSync(directory);
      chmodSync(directory, mode);
      assert.throws(() => open(), { ...refusal, message: /others may write to it$/ });
      rmSync(directory, { recursive: true });
    }
    assert.deepEqual(left(parent), ['elsewhere']);
  });

  it("is refused if it is another user's", function () {
    needRoot(this);
    mkdirSync(directory, 0o700);
    chownSync(directory, 54_321, 54_321);
    assert.throws(() => open(), { ...refusal, message: /it belongs to user 54321$/ });
  });

  it('is not made in a directory that is not there', () => {
    const missing = path.join(parent, 'missing/dumps');
    assert.throws(
      () => open({}, missing),
      (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ENOENT' && error.message.includes(missing),
    );
    assert.deepEqual(left(parent), []);
  });

  it('what takes its name meanwhile is not followed', () => {
    const folder = open();
    const [moved, trap] = ['moved', 'trap'].map((name) => path.join(parent, name));
    assert.ok(moved !== undefined && trap !== undefined);
    mkdirSync(trap);
    renameSync(directory, moved);
    symlinkSync(trap, directory);
    const file = folder.write('dump', 'json', '{}');
    assert.equal(path.dirname(file), moved);
    assert.deepEqual(left(moved), [path.basename(file)]);
    assert.deepEqual(left(trap), []);
  });

  it('when it has been removed nothing is written, and it is not made anew', () => {
    const folder = open();
    rmSync(directory, { recursive: true });
    assert.throws(() => folder.write('dump', 'json', '{}'), { code: 'ENOENT', syscall: 'open' });
    assert.deepEqual(left(parent), []);
  });

  it('when it has been closed nothing is written', () => {
    const folder = open();
    const { fd } = folder;
    folder.close();
    folder.close();
    assert.throws(() => fstatSync(fd), { code: 'EBADF' });
    assert.throws(() => folder.write('dump', 'json', '{}'), { code: 'ERR_SIGKIT_CLOSED' });
    assert.deepEqual(left(), []);
  });

  it('two of the same moment have names of their own, and replace nothing', () => {
    const folder = open();
    const toISOString: unknown = Reflect.get(Date.prototype, 'toISOString');
    Object.assign(Date.prototype, { toISOString: () => '2026-11-30T17:14:13.123Z' });
    try {
      const stem = `${process.pid}-20261130T171413.123Z-dump`;
      symlinkSync(path.join(parent, 'planted'), path.join(directory, `.${stem}.json`));
      symlinkSync(path.join(parent, 'planted'), path.join(directory, `${stem}-2.json`));
      const names = ['one', 'two'].map((text) => path.basename(folder.write('dump', 'json', text)));
      assert.deepEqual(names, [`${stem}-3.json`, `${stem}-4.json`]);
      assert.deepEqual(left(parent), ['dumps']);
      assert.deepEqual(left(), [`.${stem}.json`, `${stem}-2.json`, ...names].sort());
      assert.equal(readFileSync(path.join(directory, `${stem}-3.json`), 'utf8'), 'one');
    } finally {
      Object.assign(Date.prototype, { toISOString });
    }
  });

  it('what could not be written is removed', () => {
    const folder = open();
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      errno: -28,
      syscall: 'write',
    });
    const fail = (fd: number): void => {
      writeSync(fd, 'half');
      assert.equal(left().length, 1);
      throw full;
    };
    assert.throws(() => folder.write('dump', 'json', fail), { message: `write ENOSPC '${directory}'`, code: 'ENOSPC' });
    assert.deepEqual(left(), []);
  });

  it('keeps the first of a storm, and refuses the others', () => {
    const folder = open({ maxFiles: 3 });
    const kept = Array.from({ length: 3 }, () => path.basename(folder.write('dump', 'json', '{}')));
    for (const _ of [1, 2])
      assert.throws(() => folder.write('dump', 'json', '{}'), {
        ...refusal,
        message: /it has 3 dumps of less than a day, and may have 3$/,
      });
    assert.throws(() => folder.write('dump', 'json', () => assert.fail('written all the same')), refusal);
    assert.throws(() => folder.room(), refusal);
    assert.deepEqual(left(), kept.sort());
  });

  it('has no more bytes than it may, whether it is known before how many they are or not', () => {
    const folder = open({ maxBytes: 100 });
    const kept = path.basename(folder.write('dump', 'json', 'x'.repeat(60)));
    assert.equal(folder.room(), 40);
    for (const content of ['x'.repeat(41), (fd: number): void => void writeSync(fd, 'x'.repeat(41))])
      assert.throws(() => folder.write('dump', 'json', content), {
        ...refusal,
        message: /41 bytes are too many: 40 of 100 are left$/,
      });
    assert.deepEqual(left(), [kept]);
    folder.write('dump', 'json', 'x'.repeat(40));
    assert.equal(folder.room(), 0);
  });

  it('what is more than a day old makes room, the oldest first, and only if it is needed', () => {
    const folder = open({ maxFiles: 3, maxBytes: 100 });
    const oldest = leave('1-20200101T000000.000Z-dump.json', 26 * hourMs, 30);
    const old = leave('2-20200102T000000.000Z-dump-2.json', 25 * hourMs, 30);
    const young = leave('3-20200103T000000.000Z-dump.json', 23 * hourMs, 30);
    assert.equal(folder.room(), 70);
    assert.throws(() => folder.write('dump', 'json', 'x'.repeat(71)), refusal);
    assert.deepEqual(left(), [oldest, old, young]);
    const made = path.basename(folder.write('dump', 'json', 'x'.repeat(40)));
    assert.deepEqual(left(), [old, young, made].sort());
    const another = path.basename(folder.write('dump', 'json', 'x'.repeat(30)));
    assert.deepEqual(left(), [young, made, another].sort());
  });

  it('what a killed process has left counts, and is removed an hour after it was written to', () => {
    const folder = open({ maxFiles: 3 });
    leave('.1-20200101T000000.000Z-heap-snapshot.heapsnapshot', 2 * hourMs, 30);
    const old = leave('1-20200101T000000.000Z-dump.json', 25 * hourMs);
    const unfinished = leave('.2-20200102T000000.000Z-heap-snapshot.heapsnapshot', hourMs / 2, 30);
    const made = path.basename(folder.write('dump', 'json', '{}'));
    assert.deepEqual(left(), [unfinished, old, made].sort());
    folder.write('dump', 'json', '{}');
    assert.throws(() => folder.write('dump', 'json', '{}'), refusal);
  });

  it('touches no files but dumps, and counts none', () => {
    const folder = open({ maxFiles: 1, maxBytes: 10 });
    const others = ['notes.txt', '1-dump.json', '.hidden', '1-20200101T000000.000Z-dump.json.gz'];
    for (const name of others) leave(name, 100 * hourMs, 100);
    const made = path.basename(folder.write('dump', 'json', '{}'));
    assert.deepEqual(left(), [...others, made].sort());
  });
});
