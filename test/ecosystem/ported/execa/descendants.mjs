// All have gone when the pipe that they hold is at its end.
const script = 'sleep 100 & sleep 100 & echo up; wait';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', script], { detached: true, reject: false });
  child.stdout.once('data', () => process.kill(-child.pid));
  const { signal, stdout } = await child;
  console.log(signal, stdout);
}

export async function ours({ run }) {
  const abort = new AbortController();
  const child = run('sh', ['-c', script], { signal: abort.signal, reject: false });
  const lines = [];
  for await (const line of child) {
    lines.push(line);
    abort.abort();
  }
  console.log((await child).termSignal, lines.join('\n'));
}
