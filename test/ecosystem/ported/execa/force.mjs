const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.05; done';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', stubborn], { forceKillAfterDelay: 100, reject: false });
  child.stdout.once('data', () => child.kill());
  const { isForcefullyTerminated, signal } = await child;
  console.log(isForcefullyTerminated, signal);
}

export async function ours({ run }) {
  const controller = new AbortController();
  const child = run('sh', ['-c', stubborn], { signal: controller.signal, graceMs: 100, reject: false });
  for await (const _ of child) controller.abort();
  const { reason, termSignal } = await child;
  console.log(reason === 'aborted' && termSignal === 'SIGKILL', termSignal);
}
