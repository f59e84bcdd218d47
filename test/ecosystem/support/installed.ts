import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the packages, and of the programs that use them: not where they are compiled to. */
export const root: string = fileURLToPath(new URL('../../../../test/ecosystem/', import.meta.url));

const folderOf = (name: string): string => path.join(root, 'node_modules', name);

/** Skips what follows, by name, where the package has not been installed, or could not be built. */
export function needs(name: string, built: string = 'package.json'): void {
  before(function () {
    if (existsSync(path.join(folderOf(name), built))) return;
    const reason = existsSync(folderOf(name)) ? `has no ${built}: it could not be built` : 'is not installed';
    process.stdout.write(`skipped: ${name} ${reason}\n`);
    this.skip();
  });
}

/** The file that a command of the package starts. */
export function commandOf(name: string, command: string = name): string {
  const { bin } = JSON.parse(readFileSync(path.join(folderOf(name), 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  return path.join(folderOf(name), typeof bin === 'string' ? bin : (bin[command] ?? ''));
}
