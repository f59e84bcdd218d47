import { once } from 'node:events';

// A session of its own, and still there when the program that started it is not.
const script = 'read -r x y z a b session r </proc/$$/stat; [ $session = $$ ] && echo leads >&3; cat; echo later >&3';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore', 1] });
  child.unref();
  await once(child, 'spawn');
  process.exit();
}

export async function ours({ spawn }) {
  spawn('sh', ['-c', script], { session: true, stdio: ['pipe', 'ignore', 'ignore', 1] }).unref();
  process.exit();
}
