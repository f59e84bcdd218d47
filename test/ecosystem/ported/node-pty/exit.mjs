export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', 'exit 3'], {});
  const { exitCode } = await new Promise((resolve) => terminal.onExit(resolve));
  console.log(exitCode);
}

export async function ours({ spawn }) {
  const child = spawn('sh', ['-c', 'exit 3'], { terminal: true });
  const { exitCode } = await child.exited;
  console.log(exitCode);
}
