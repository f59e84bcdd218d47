import { numbersFrom } from '../measure/printed.js';
import { type Contender, inTurn } from '../measure/rounds.js';
import { inGo, inNode, inPython, type Program, versionOf } from '../peers/build.js';
import { missingPackage } from '../peers/packages.js';
import type { Area, Effort, Table } from '../report/model.js';

interface Runner {
  readonly name: string;
  readonly program: Program;
  readonly missing?: string | undefined;
}

const [ours, baseline] = ['sigkit run', 'child_process.execFile'];

function inBun(): Program {
  if (versionOf('bun') === undefined) return { missing: 'not installed: bun (npm)' };
  return { command: ['bun', 'bench/peers/running-bun.mjs'] };
}

function runners(): readonly Runner[] {
  return [
    { name: ours, program: inNode('running', 'sigkit') },
    { name: baseline, program: inNode('running', 'execFile') },
    { name: 'execa', program: inNode('running', 'execa'), missing: missingPackage('execa') },
    { name: 'zx', program: inNode('running', 'zx'), missing: missingPackage('zx') },
    { name: "Bun's shell", program: inBun() },
    { name: 'Python subprocess.run', program: inPython('running') },
    { name: 'Go os/exec', program: inGo('running') },
  ];
}

async function commands({ quick }: Effort): Promise<Table> {
  const [count, atOnce, outputs] = quick ? [50, 10, 20] : [300, 50, 60];
  const contenders = runners().map(({ name, program: { command = [], missing: why }, missing }): Contender => ({
    name,
    missing: missing ?? why,
    measure() {
      const [single = NaN, cpu = NaN] = numbersFrom(command, 'true', count, 1);
      const [many = NaN] = numbersFrom(command, 'true', count, atOnce);
      const [output = NaN] = numbersFrom(command, 'output', outputs, 1);
      return { 'one by one': single, 'own CPU': cpu, 'at once': many, '1 MiB': output };
    },
  }));
  return {
    id: 'run',
    title: 'A command run, its output collected',
    method:
      `/bin/true ${count} times, one after the other and ${atOnce} at once, and ${outputs} times what writes 1 MiB: the whole time by their number. ` +
      'Own CPU: user and system time of who runs them, one by one.',
    columns: ['one by one', 'own CPU', 'at once', '1 MiB'].map((name) => ({ name, unit: 'us' })),
    baseline,
    ...(await inTurn(contenders, quick ? 3 : 5)),
    goals: [
      ...['one by one', 'at once', '1 MiB'].map((column) => ({ contender: ours, column, to: baseline, atMost: 1 })),
      ...['one by one', 'at once', 'own CPU'].map((column) => ({ contender: ours, column, to: 'execa', atMost: 0.5 })),
    ],
  };
}

async function pipes({ quick }: Effort): Promise<Table> {
  const mebibytes = quick ? 64 : 1024;
  const ways = [
    { name: 'sigkit pipeline', by: 'sigkit' },
    { name: 'sh', by: 'sh' },
    { name: 'execa', by: 'execa', missing: missingPackage('execa') },
    { name: 'zx', by: 'zx', missing: missingPackage('zx') },
  ];
  const contenders = ways.map(({ name, by, missing }): Contender => ({
    name,
    missing,
    measure() {
      const [wall = NaN, cpu = NaN] = numbersFrom(inNode('piping', by).command, mebibytes);
      return { wall, 'own CPU': cpu };
    },
  }));
  return {
    id: 'run-pipeline',
    title: `${mebibytes} MiB through a pipeline of three`,
    method:
      '`head -c … /dev/zero | cat | wc -c`. Own CPU: user and system time of the process that joins them; of sh that of a process that runs it.',
    columns: ['wall', 'own CPU'].map((name) => ({ name, unit: 'ms', digits: 1 })),
    baseline: 'sh',
    ...(await inTurn(contenders, quick ? 3 : 5)),
    goals: [{ contender: 'sigkit pipeline', column: 'wall', to: 'sh', atMost: 1.05 }],
  };
}

export const runArea: Area = {
  name: 'run',
  measure: async (effort) => [await commands(effort), await pipes(effort)],
};
