// hung.js loop|regexp|call|worker|idle: says that it is ready, then hangs in that way: in a loop, for minutes of processor time.
import { execSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { isMainThread, Worker } from 'node:worker_threads';

let turns = 0;

function hangsInLoop(): void {
  while (turns < 1e11) turns += 1;
}

function hangsInRegexp(): void {
  /^(a+)+$/.test(`${'a'.repeat(60)}!`);
}

function hangsInCall(): void {
  execSync('exec sleep 600');
}

function serve(): void {
  createServer().listen(0);
}

function hangsInWorker(): void {
  serve();
  new Worker(new URL(import.meta.url));
}

const ways: Readonly<Record<string, () => void>> = {
  loop: hangsInLoop,
  regexp: hangsInRegexp,
  call: hangsInCall,
  worker: hangsInWorker,
  idle: serve,
};

if (isMainThread) {
  const way = process.argv[2] ?? '';
  setTimeout(() => {
    writeSync(1, 'ready\n');
    ways[way]?.();
  }, 300);
} else hangsInLoop();
