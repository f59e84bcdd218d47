// Children that end in each way that execa tells apart, several at a time.
import { execa, execaSync } from 'execa';

const shell = (script, options) => execa('sh', ['-c', script], { reject: false, ...options });
const told = ({ exitCode, signal, stdout, stderr, timedOut, isCanceled, isTerminated, failed }) => [
  [exitCode, signal, failed, timedOut, isCanceled, isTerminated],
  [stdout, stderr],
];

const codes = await Promise.all(Array.from({ length: 60 }, (_, code) => shell(`echo ${code}; exit ${code}`)));
console.log(JSON.stringify(codes.map(({ exitCode, stdout }) => [exitCode, stdout])));

console.log(told(await shell('kill -TERM $$')));
console.log(told(await shell('exec sleep 1000', { timeout: 50 })));
console.log(
  told(await shell('trap "" TERM; echo up; read x', { timeout: 200, forceKillAfterDelay: 50, stdin: 'pipe' })),
);
console.log(told(await shell('exec sleep 1000', { cancelSignal: AbortSignal.timeout(50) })));
console.log(told(await shell('cat; cat missing', { input: 'text' })));
const piped = await execa('seq', ['20000']).pipe('wc', ['-l']);
console.log(piped.stdout.trim());
// An orphan stays behind: the child has ended before it does.
console.log(told(await shell('(sleep 0.1; exit 9) >/dev/null 2>&1 & exit 5')));
console.log(execaSync('sh', ['-c', 'exit 6'], { reject: false }).exitCode);
await execa('no-such-program').catch(({ code }) => console.log(code));
for await (const line of execa('printf', ['a\\nb\\n'])) console.log(line);
// Time for a reaper to look at the orphan and at all else.
await new Promise((resolve) => setTimeout(resolve, 500));
