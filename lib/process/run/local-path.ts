/** PATH with `node_modules/.bin` of a directory and of its parents before it. */
export function withLocal(from: string, searched: string | undefined): string {
  const path = process.getBuiltinModule('node:path');
  const folders: string[] = [];
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    folders.push(path.join(folder, 'node_modules', '.bin'));
    if (path.dirname(folder) === folder) break;
  }
  return [...folders, searched ?? '/bin:/usr/bin'].join(path.delimiter);
}
