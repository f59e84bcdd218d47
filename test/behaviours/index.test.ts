import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const compiled = fileURLToPath(new URL('.', import.meta.url));
const source = fileURLToPath(new URL('../../../test/behaviours/', import.meta.url));

describe('the list of behaviours', () => {
  it('has a test, or a reason why not, for every entry, and every test an entry', () => {
    const entries = [...readFileSync(`${source}index.md`, 'utf8').matchAll(/^- (\w\w-\d\d) (.*)$/gm)];
    const tests = readdirSync(compiled).filter((name) => name.endsWith('.test.js'));
    const titles = tests.map((name) => readFileSync(compiled + name, 'utf8')).join('\n');
    const tested = new Set([...titles.matchAll(/\[(\w\w-\d\d)\]/g)].map((match) => match[1]));
    const expected = entries.filter(([, , text]) => text?.startsWith('not applicable') !== true).map(([, id]) => id);
    assert.ok(entries.length > 40);
    assert.deepEqual([...tested].sort(), expected.sort());
  });
});
