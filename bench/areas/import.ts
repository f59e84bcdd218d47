import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { type Contender, type Figures, inTurn } from '../measure/rounds.js';
import { inNode } from '../peers/build.js';
import type { Area } from '../report/model.js';

function measureImport(module: string): Figures {
  const { command } = inNode('import', module);
  const before = performance.now();
  const said = execFileSync(command[0], command.slice(1), { encoding: 'utf8', timeout: 60_000 });
  const wholeMs = performance.now() - before;
  const { ms = NaN, kib = NaN, resident = NaN } = JSON.parse(said) as Figures;
  return { import: ms, 'its memory': kib, 'whole process': wholeMs, 'all memory': resident };
}

const project = fileURLToPath(new URL('../../../', import.meta.url));

// As it is installed: not built there, so the addon is the one that came with it.
function install(folder: string): string {
  for (const file of ['package.json', 'dist/package'])
    cpSync(path.join(project, file), path.join(folder, file), { recursive: true });
  const addon = path.join(folder, `prebuilds/linux-${process.arch}/sigkit.node`);
  cpSync(path.join(project, 'build/Release/sigkit.node'), addon);
  return pathToFileURL(path.join(folder, 'dist/package/index.mjs')).href;
}

export const importArea: Area = {
  name: 'import',
  async measure({ quick }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-import-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const installed = install(folder);
    const contenders: readonly Contender[] = [
      { name: "import 'sigkit'", measure: () => measureImport(installed) },
      { name: 'bare node', measure: () => measureImport('./empty.js') },
    ];
    return [
      {
        id: 'import',
        title: "import 'sigkit'",
        method:
          'Each time a new process. The import and the growth of resident memory by it are measured inside, by import(); the ' +
          'whole process from its start to its end. Sigkit is installed with the addon beside it. The bare node imports an empty file.',
        columns: [
          { name: 'import', unit: 'ms', digits: 2 },
          { name: 'its memory', unit: 'KiB' },
          { name: 'whole process', unit: 'ms', digits: 1 },
          { name: 'all memory', unit: 'KiB' },
        ],
        baseline: 'bare node',
        ...(await inTurn(contenders, quick ? 9 : 21)),
        goals: [
          { contender: "import 'sigkit'", column: 'import', atMost: 5 },
          { contender: "import 'sigkit'", column: 'its memory', atMost: 2048 },
        ],
      },
    ];
  },
};
