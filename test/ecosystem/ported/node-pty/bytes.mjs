const script = String.raw`printf '\377-'; read -r line`;

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], { encoding: null });
  const listening = terminal.onData((data) => {
    listening.dispose();
    console.log(data[0]);
    terminal.write('\r');
  });
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', script], { terminal: true });
  terminal.once('data', (data) => {
    console.log(data[0]);
    terminal.write('\r');
  });
}
