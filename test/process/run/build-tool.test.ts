import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startChild, until } from '../../support/child.js';
import { marked } from '../../support/marked.js';
import { keys, onTerminal } from '../../support/terminal.js';

const file = fileURLToPath(new URL('../../../examples/build-tool.js', import.meta.url));

describe('the example of a build tool', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'sigkit-build-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function graph(tasks: object): string {
    const place = path.join(folder, 'graph.json');
    writeFileSync(place, JSON.stringify(tasks));
    return place;
  }

  it('runs each command after those that it needs, and fails with the first that fails', async () => {
    const said = path.join(folder, 'said');
    const say = (text: string): readonly string[] => ['sh', '-c', `echo ${text} >> "${said}"`];
    const good = graph({
      last: { command: ['sh', '-c', `[ "$(sort "${said}" | tr -d '\\n')" = abc ]`], needs: ['b', 'c'] },
      b: { command: say('b'), needs: ['a'] },
      c: { command: say('c'), needs: ['a'] },
      a: { command: say('a') },
    });
    const { code, stdout, stderr } = await startChild(file, { args: [good] }).ended;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /4 of 4 done/);
    const bad = graph({ a: { command: ['false'] }, b: { command: ['true'], needs: ['a'] } });
    assert.equal((await startChild(file, { args: [bad] }).ended).code, 1);
  });

  it('one Ctrl-C ends all of it, and the tool by that signal', async () => {
    const mark = `BUILD=${folder}`;
    const task = { command: ['env', mark, 'sh', '-c', 'echo ready; sleep 1000 & sleep 1000'] };
    const child = startChild(file, { args: [graph({ a: task })], wrapper: onTerminal, deadlineMs: 50_000 });
    await child.line(/a.* ready/);
    child.write(keys.interrupt);
    await child.ended;
    await until(() => marked(mark).length === 0, 'nobody is left');
  });
});
