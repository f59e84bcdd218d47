const bytes = Uint8Array.of(0, 255, 10);

export async function theirs({ execa }) {
  const { stdout } = await execa('od', ['-An', '-tx1'], { input: bytes });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('od', ['-An', '-tx1'], { input: bytes });
  console.log(stdout);
}
