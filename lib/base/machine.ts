import { fs } from './builtins.js';
import { headOf } from './file-head.js';

/** What an addon that cannot be loaded is explained by. All is looked up when it is asked for: some of it takes milliseconds. */
export interface Machine {
  readonly architecture: string;
  /** Its version, undefined where it is musl. */
  readonly glibc: string | undefined;
  /** What builds sigkit from source, for the package manager that has installed it. */
  readonly command: string;
  /** The flag that keeps addons out, as a clause. */
  readonly addonsForbiddenBy: string;
  readonly exists: (file: string) => boolean;
  /** Of an ELF file, in the words of process.arch; 'none' of another file, undefined of what cannot be read. */
  readonly architectureOf: (file: string) => string | undefined;
}

// elf(5), e_machine.
const processors: Readonly<Record<number, string>> = {
  3: 'ia32',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

function architectureOf(file: string): string | undefined {
  const header = headOf(file, 20);
  if (header === undefined) return undefined;
  if (header.toString('latin1', 0, 4) !== '\x7fELF') return 'none';
  const littleEndian = header[5] === 1;
  const processor = littleEndian ? header.readUInt16LE(18) : header.readUInt16BE(18);
  // The x32 of an x86-64 has another class, and no Node.
  if (processor === 62 && header[4] !== 2) return 'x32';
  return processors[processor] ?? `processor ${processor}`;
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}

// Each leaves a file of its own in node_modules, or a name in the path. Who starts the program may be another one.
function managerOf(folder: string): string {
  const [top, inside] = folder.split('/node_modules/', 2);
  const leaves = (file: string): boolean => inside !== undefined && fs.existsSync(`${top}/${file}`);
  if (folder.includes('/node_modules/.pnpm/') || leaves('node_modules/.modules.yaml')) return 'pnpm';
  if ('pnp' in process.versions || leaves('node_modules/.yarn-state.yml') || leaves('node_modules/.yarn-integrity')) {
    return 'yarn';
  }
  if (leaves('node_modules/.package-lock.json')) return 'npm';
  if (leaves('bun.lock') || leaves('bun.lockb')) return 'bun';
  return process.env['npm_config_user_agent']?.split('/', 1)[0] ?? 'npm';
}

const commands: Readonly<Record<string, string>> = {
  pnpm: 'pnpm exec sigkit build',
  yarn: 'yarn sigkit build',
  bun: 'bunx sigkit build',
};

// Node 20 calls it --experimental-permission.
const permissionFlag = /--(?:experimental-)?permission/;

function addonsForbiddenBy(): string {
  const given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  const [permission] = permissionFlag.exec(given) ?? [];
  if (permission !== undefined) return `${permission} was given without --allow-addons`;
  return given.includes('--no-addons')
    ? '--no-addons was given'
    : 'as by --no-addons, or by --permission without --allow-addons';
}

/** This one. `folder`: of the package. */
export function thisMachine(folder: string): Machine {
  return {
    architecture: process.arch,
    get glibc() {
      return glibcVersion();
    },
    get command() {
      return commands[managerOf(folder)] ?? 'npx sigkit build';
    },
    get addonsForbiddenBy() {
      return addonsForbiddenBy();
    },
    exists: fs.existsSync,
    architectureOf,
  };
}
