// What several of these programs need.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Something as a package manager puts it into a project: node_modules/.bin/local-program. */
export function localProgram(project) {
  const folder = path.join(project, 'node_modules/.bin');
  mkdirSync(folder, { recursive: true });
  mkdirSync(path.join(project, 'src'), { recursive: true });
  writeFileSync(path.join(folder, 'local-program'), '#!/bin/sh\necho local\n', { mode: 0o755 });
}

/** What has been said up to the text that it waits for. `listen` calls back with each piece. */
export function heard(listen, wanted) {
  return new Promise((resolve) => {
    let said = '';
    listen((data) => {
      said += data;
      if (said.includes(wanted)) resolve(said);
    });
  });
}
