const script = 'for i in 1 2 3; do echo $i; sleep 0.1; done; exec sleep 100';

// Ends what has said nothing for that time.
function watch(controller, ms = 1500) {
  let timer = setTimeout(() => controller.abort(), ms);
  return { heard: () => timer.refresh(), over: () => clearTimeout(timer) };
}

export async function theirs({ execa }) {
  const controller = new AbortController();
  const { heard, over } = watch(controller);
  const listen = function* (line) {
    heard();
    yield line;
  };
  const options = { cancelSignal: controller.signal, stdout: listen, reject: false };
  const { stdout, isCanceled } = await execa('sh', ['-c', script], options);
  over();
  console.log(stdout.split('\n'), isCanceled);
}

export async function ours({ run }) {
  const controller = new AbortController();
  const { heard, over } = watch(controller);
  const child = run('sh', ['-c', script], { signal: controller.signal, reject: false });
  const lines = [];
  for await (const line of child) {
    heard();
    lines.push(line);
  }
  over();
  console.log(lines, (await child).aborted);
}
