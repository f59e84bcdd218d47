import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { fixture, init, long, scratch } from '../../support/init.js';
import { fatalSignals, type Place } from './place.js';

// Whatever the layout of cgroups here is: crun sees version 2, and leaves it alone.
const script = 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"';
const inMountNamespace = ['unshare', '--mount', 'sh', '-c', script, 'sh'];

interface Mount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

interface Config {
  readonly process: { readonly env: readonly string[] };
  readonly mounts: readonly Mount[];
}

const whole = (folder: string): Mount => ({
  destination: folder,
  type: 'bind',
  source: folder,
  options: ['rbind', 'ro'],
});

let bundles = 0;

// A folder with the empty root of a container: the programs of this machine are mounted there.
function makeBundle(): string {
  bundles += 1;
  const bundle = mkdtempSync(path.join(scratch(), 'bundle-'));
  mkdirSync(path.join(bundle, 'rootfs'));
  execFileSync('crun', ['spec'], { cwd: bundle });
  return bundle;
}

function configure(bundle: string, name: string, command: readonly string[]): void {
  const config = JSON.parse(readFileSync(path.join(bundle, 'config.json'), 'utf8')) as Config;
  const folders = ['/usr', '/bin', '/lib', '/lib64', path.dirname(init), scratch()].filter((folder) =>
    existsSync(folder),
  );
  const mounts = [...config.mounts, ...folders.map(whole)];
  // What the tests set outside is not seen inside.
  const env = [...config.process.env, 'ASAN_OPTIONS=detect_leaks=0'];
  const entry = { ...config.process, terminal: false, args: command, env };
  writeFileSync(path.join(bundle, name), JSON.stringify({ ...config, process: entry, mounts }));
}

const start = (bundle: string, name: string, id: string): string[] => [
  'crun',
  '--cgroup-manager=disabled',
  `--root=${path.join(bundle, 'state')}`,
  'run',
  `--bundle=${bundle}`,
  `--config=${path.join(bundle, name)}`,
  id,
];

function enter(command: readonly string[]): string[] {
  const bundle = makeBundle();
  configure(bundle, 'entry.json', command);
  return [...inMountNamespace, ...start(bundle, 'entry.json', `sigkit-${process.pid}-${bundles}`)];
}

function missing(): string | undefined {
  if (spawnSync('crun', ['--version']).error !== undefined) return 'crun is not installed';
  const [unshare = '', ...words] = enter(['true']);
  const { status, stderr } = spawnSync(unshare, words, { encoding: 'utf8' });
  return status === 0 ? undefined : `crun starts no container here: ${stderr.trim()}`;
}

const reason = missing();

export const container: Place = {
  name: 'the entry point of a container',
  ...(reason === undefined ? {} : { missing: reason }),
  asPid1: true,
  // A container takes ten times as long to start.
  codes: long
    ? [[0, 255]]
    : [
        [0, 3],
        [125, 130],
        [254, 255],
      ],
  signals: long
    ? fatalSignals
    : [
        [1, 4],
        [8, 11],
        [15, 16],
        [31, 34],
        [64, 64],
      ],
  enter,
  statuses(first, last, command) {
    const bundle = makeBundle();
    for (let number = first; number <= last; number += 1) {
      configure(
        bundle,
        `${number}.json`,
        command.map((word) => word.replace('{}', String(number))),
      );
    }
    const each = start(bundle, '{}.json', `sigkit-${process.pid}-${bundles}-{}`);
    return [...inMountNamespace, fixture('probe-statuses'), String(first), String(last), ...each];
  },
};
