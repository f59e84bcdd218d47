const typed = 'seq 2 3';

export async function theirs({ execa, parseCommandString }) {
  const [file, ...args] = parseCommandString(typed);
  console.log((await execa(file, args)).stdout);
}

export async function ours({ run }) {
  const [file, ...args] = typed.split(' ');
  console.log((await run(file, args)).stdout);
}
