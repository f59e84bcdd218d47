// Finds or builds the programs that are measured. What is built stays in a cache outside the source tree, by the contents of
// its sources and the version of its compiler.
import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export type Command = readonly [string, ...string[]];

/** How a contender is started. */
export interface Runnable {
  readonly command: Command;
  readonly missing?: never;
}

/** The same, or why it cannot be. */
export type Program = Runnable | { readonly command?: never; readonly missing: string };

const sources = fileURLToPath(new URL('../../../bench/peers/', import.meta.url));
const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'sigkit-bench');
// Debian's packages of crates are built by Debian's compiler: another may stand first in PATH.
const cargo = '/usr/bin/cargo';
const rustc = '/usr/bin/rustc';
const crates = '/usr/share/cargo/registry';

/** The first line that a program prints about its version, or undefined where it is not installed. */
export function versionOf(program: string, argument: string = '--version'): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8' });
  return status === 0 ? (stdout || stderr).split('\n')[0]?.trim() : undefined;
}

function execute(file: string, args: readonly string[], options: ExecFileSyncOptions = {}): void {
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 180_000, ...options });
}

function hashOf(files: readonly string[], version: string): string {
  const hash = createHash('sha256').update(version);
  for (const file of files) hash.update(readFileSync(path.join(sources, file)));
  return hash.digest('hex').slice(0, 16);
}

interface Recipe {
  readonly name: string;
  readonly files: readonly string[];
  /** Of the compiler: undefined where it is not installed. */
  readonly version: string | undefined;
  readonly needs: string;
  readonly build: (to: string) => void;
}

const built = new Map<string, Program>();

function obtain({ name, files, version, needs, build }: Recipe): Program {
  if (version === undefined) return { missing: `not installed: ${needs}` };
  const file = path.join(cache, `${name}-${hashOf(files, version)}`);
  if (!existsSync(file)) {
    const unfinished = `${file}.${process.pid}`;
    mkdirSync(cache, { recursive: true });
    try {
      build(unfinished);
      renameSync(unfinished, file);
    } catch (error) {
      const { message } = error as Error;
      const lines = message.split('\n').filter((line) => /error|not found|searched package/i.test(line));
      return { missing: `cannot be built: ${lines.slice(0, 2).join(', ').trim() || message}` };
    }
  }
  return { command: [file] };
}

function once(recipe: Recipe): Program {
  const known = built.get(recipe.name) ?? obtain(recipe);
  built.set(recipe.name, known);
  return known;
}

/** A program in C of one file. */
export function inC(name: string): Program {
  return once({
    name,
    files: [`${name}.c`, 'receiver.h', 'check.h'],
    version: versionOf('cc'),
    needs: 'cc (gcc)',
    build: (to) => execute('cc', ['-O2', '-Wall', '-Wextra', '-pthread', '-o', to, path.join(sources, `${name}.c`)]),
  });
}

/** The sender and the like, without which nothing is measured. */
export function requiredInC(name: string): string {
  const { command, missing } = inC(name);
  if (missing !== undefined) throw new Error(`bench/peers/${name}.c: ${missing}`);
  return command[0];
}

/** A program in Go of one file. */
export function inGo(name: string): Program {
  return once({
    name,
    files: [`${name}.go`],
    version: versionOf('go', 'version'),
    needs: 'go (golang-go)',
    build(to) {
      const env = { ...process.env, GOCACHE: path.join(cache, 'go'), GOFLAGS: '' };
      execute('go', ['build', '-o', to, path.join(sources, `${name}.go`)], { env });
    },
  });
}

/** A crate, built without a network from Debian's packages. */
export function inRust(name: string, packages: string): Program {
  const hasCrates = existsSync(crates) && existsSync(cargo);
  return once({
    name,
    files: [`${name}/Cargo.toml`, `${name}/main.rs`],
    version: hasCrates ? versionOf(rustc) : undefined,
    needs: `cargo and rustc (cargo, ${packages})`,
    build(to) {
      const folder = `${to}.crate`;
      cpSync(path.join(sources, name), folder, { recursive: true });
      const source = ['source.crates-io.replace-with="debian"', `source.debian.directory="${crates}"`];
      const env = {
        ...process.env,
        CARGO_HOME: path.join(cache, 'cargo'),
        CARGO_TARGET_DIR: path.join(folder, 'target'),
        RUSTC: rustc,
      };
      try {
        const configs = source.flatMap((setting) => ['--config', setting]);
        execute(cargo, [...configs, 'build', '--release', '--offline'], { cwd: folder, env });
        renameSync(path.join(folder, 'target/release/receiver'), to);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  });
}

/** A script in Python. */
export function inPython(name: string, ...args: readonly string[]): Program {
  if (versionOf('python3') === undefined) return { missing: 'not installed: python3 (python3)' };
  return { command: ['python3', path.join(sources, `${name}.py`), ...args] };
}

/** A compiled file of this folder, run by this node. */
export function inNode(name: string, ...args: readonly string[]): Runnable {
  return { command: [process.execPath, fileURLToPath(new URL(`./${name}.js`, import.meta.url)), ...args] };
}
