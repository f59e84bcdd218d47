import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../test/behaviours/', import.meta.url));
const files = { go: 'go', py: 'cpython', rs: 'rust', sd: 'sd-event', uv: 'libuv' } as const;

const index = JSON.parse(readFileSync(`${folder}index.json`, 'utf8')) as Record<string, string>;
const excused = [...readFileSync(`${folder}not-applicable.md`, 'utf8').matchAll(/^- (\S+): (.+)$/gm)];

// A title begins with the numbers of all that its test shows: '[go-06a] [go-06b] of two streams ...'.
function idsTestedIn(name: string): string[] {
  const titles = readFileSync(`${folder}${name}`, 'utf8').matchAll(/\bit\(\s*['"`]((?:\[\w\w-\d\d\w?\] )+)/g);
  return [...titles].flatMap(([, ids = '']) => ids.match(/\w\w-\d\d\w?/g) ?? []);
}

const tested = Object.values(files).flatMap((name) => idsTestedIn(`${name}.test.ts`));

describe('the list of behaviours', () => {
  it('has for every entry a test or a reason why not, never both', () => {
    const ids = Object.keys(index);
    const reasons = excused.map(([, id = '']) => id);
    assert.ok(ids.length > 80);
    assert.deepEqual(
      ids.filter((id) => !tested.includes(id) && !reasons.includes(id)),
      [],
      'neither',
    );
    assert.deepEqual(
      ids.filter((id) => tested.includes(id) && reasons.includes(id)),
      [],
      'both',
    );
    assert.equal(new Set(reasons).size, reasons.length);
    for (const [, id = '', reason = ''] of excused) assert.ok(reason.length > 10, id);
  });

  it('has an entry for every test and every reason', () => {
    for (const id of tested) assert.ok(id in index, `${id} is tested, but not in the list`);
    for (const [, id = ''] of excused) assert.ok(id in index, `${id} is excused, but not in the list`);
  });

  it('counts without gaps', () => {
    const bullets = [...new Set(Object.keys(index).map((id) => id.slice(0, 5)))];
    for (const reference of Object.keys(files)) {
      const own = bullets.filter((id) => id.startsWith(reference));
      assert.deepEqual(
        own,
        own.map((_, place) => `${reference}-${String(place + 1).padStart(2, '0')}`),
      );
    }
  });

  for (const [reference, name] of Object.entries(files)) {
    it(`every test in ${name}.test.ts carries a number of that reference`, () => {
      const text = readFileSync(`${folder}${name}.test.ts`, 'utf8');
      const all = text.match(/^ {2,4}it\(/gm)?.length ?? 0;
      const numbered = text.match(new RegExp(`^ {2,4}it\\(\\s*['"\`]\\[${reference}-`, 'gm'))?.length;
      assert.ok(all > 0);
      assert.equal(numbered, all);
    });
  }

  it('every file of tests here is known', () => {
    const known = [...Object.values(files), 'index'].map((name) => `${name}.test.ts`);
    assert.deepEqual(readdirSync(folder).sort(), [...known, 'index.json', 'not-applicable.md'].sort());
  });
});
