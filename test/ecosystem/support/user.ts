import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { root } from './installed.js';

/** The root of the repository. */
export const project: string = fileURLToPath(new URL('../../../../', import.meta.url));

/** The addon of this tree. */
export const builtAddon: string = path.join(project, 'build/Release/sigkit.node');

// What a service does, by one loader as by all.
const work = `
module.exports = async ({ kill, signals, threads, SigkitError }, { spawn }, { createShutdown }) => {
  const alive = setInterval(() => {}, 1000);
  const stream = signals('SIGUSR2');
  kill(process.pid, 'SIGUSR2');
  const { value } = await stream.next();
  stream.close();
  const child = spawn('cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(Buffer.from('echoed'));
  let echo = '';
  for await (const chunk of child.stdout) echo += chunk;
  const { exitCode } = await child.exited;
  const gone = codeOf(() => threads(99999999));
  const shutdown = createShutdown({ exit: 'none', budgetMs: 5000, sigs: 'SIGHUP' });
  const second = codeOf(() => createShutdown({ exit: 'none' }), SigkitError);
  shutdown.add('hook', () => {});
  kill(process.pid, 'SIGHUP');
  const { hooks } = await shutdown.done;
  clearInterval(alive);
  return [value.signal, value.pid === process.pid, echo, exitCode, gone, second, hooks[0].outcome].join();
};

// Where Node itself has loaded the package, as for ES modules in Jest, its errors are no instances of the test's Error.
function codeOf(call, kind) {
  try {
    call();
  } catch (error) {
    return (kind === undefined || error instanceof kind) && error.code;
  }
}
`;

/** What `work.js` resolves with. */
export const worked = 'SIGUSR2,true,echoed,0,ESRCH,ERR_SIGKIT_SHUTDOWN_OPEN,done';

const rooms = ['sigkit', 'sigkit/process', 'sigkit/shutdown'] as const;

/** Programs of a user's that print what has come of the work. */
const programs: Readonly<Record<string, string>> = {
  'main.cjs': `require('./work.js')(${rooms.map((room) => `require('${room}')`).join(', ')}).then(console.log);\n`,
  'main.mjs':
    rooms.map((room, index) => `import * as room${index} from '${room}';\n`).join('') +
    "import work from './work.js';\nconsole.log(await work(room0, room1, room2));\n",
  // For bundlers whose output can be CommonJS.
  'then.mjs':
    rooms.map((room, index) => `import * as room${index} from '${room}';\n`).join('') +
    "import work from './work.js';\nwork(room0, room1, room2).then(console.log);\n",
};

export interface User {
  readonly folder: string;
  /** A file of that text; its path. */
  file(name: string, text: string): string;
}

/**
 * Who has installed what is packed, with the addon of this tree as the one that came with it: so nothing is built there. Without
 * the other processors'. Removed when the tests have run.
 */
export function installUser(): User {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-user-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const file = (name: string, text: string): string => {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  };
  file('package.json', '{ "name": "user", "private": true }');
  file('work.js', work);
  for (const [name, text] of Object.entries(programs)) file(name, text);
  const npm = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  execFileSync('npm', npm, { cwd: project, stdio: 'ignore', timeout: 60_000 });
  const installed = path.join(folder, 'node_modules/sigkit');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', packed(folder), '--strip-components=1', '-C', installed]);
  for (const made of ['build', 'prebuilds']) rmSync(path.join(installed, made), { recursive: true, force: true });
  cpSync(builtAddon, path.join(installed, `prebuilds/linux-${process.arch}/sigkit.node`));
  return { folder, file };
}

/** What the registry would get. */
export function packed(folder: string): string {
  return path.join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
}

/** Lets the user's files import a package of this folder. */
export function lend(folder: string, name: string): void {
  symlinkSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name));
}
