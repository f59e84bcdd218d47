const noWindows = 'There are no windows here: leave it out';
const noChannel = 'There is no channel to the child: fork() of node:child_process makes one';
const noOutput = 'Output is not collected';

/** What does here what an option of child_process that spawn() does not have does there. */
export function childProcessHint(name: string): string | undefined {
  const hints: ReadonlyMap<string, string> = new Map([
    ['shell', "For a shell, start one: spawn('/bin/sh', ['-c', command])"],
    ['timeout', 'To end the child after a time: signal: AbortSignal.timeout(ms)'],
    [
      'killSignal',
      'To end the child by another signal than SIGTERM: child.kill(sig), or terminateTree(child.pid, { sig })',
    ],
    ['detached', 'For a session of its own: session: true'],
    ['maxBuffer', `${noOutput}, so it has no limit: read child.stdout`],
    ['encoding', `${noOutput}: child.stdout.setEncoding(encoding)`],
    ['input', 'To write it to the child: child.stdin.end(input)'],
    ['windowsHide', noWindows],
    ['windowsVerbatimArguments', noWindows],
    ['serialization', noChannel],
    ['silent', noChannel],
    ['execPath', `The program is the first argument: process.execPath. ${noChannel}`],
    ['execArgv', `Arguments of node go before the script: [...execArgv, script]. ${noChannel}`],
  ]);
  return hints.get(name);
}
