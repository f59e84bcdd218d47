import { writeFileSync } from 'node:fs';

const cleanUp = "{ console.log('cleaned up'); process.exit(1); }";

export async function theirs({ execaNode }) {
  const text = `import { getCancelSignal } from '${import.meta.resolve('execa')}';
    const signal = await getCancelSignal();
    console.log('up');
    signal.onabort = () => ${cleanUp};
    setInterval(() => {}, 1000);`;
  writeFileSync('worker.mjs', text);
  const controller = new AbortController();
  const options = { cancelSignal: controller.signal, gracefulCancel: true, reject: false };
  const child = execaNode('worker.mjs', options);
  child.stdout.once('data', () => controller.abort());
  const { exitCode, isGracefullyCanceled, stdout } = await child;
  console.log(exitCode, isGracefullyCanceled, stdout);
}

export async function ours({ run }) {
  const text = `process.once('SIGTERM', () => ${cleanUp});
    console.log('up');
    setInterval(() => {}, 1000);`;
  writeFileSync('worker.mjs', text);
  const controller = new AbortController();
  const child = run(process.execPath, ['worker.mjs'], { signal: controller.signal, reject: false });
  const lines = [];
  for await (const line of child) {
    lines.push(line);
    controller.abort();
  }
  const { exitCode, aborted } = await child;
  console.log(exitCode, aborted, lines.join('\n'));
}
