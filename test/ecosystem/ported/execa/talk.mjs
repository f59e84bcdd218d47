const script = 'while read -r line; do echo "said $line"; done';

export async function theirs({ execa }) {
  const child = execa('sh', ['-c', script]);
  child.stdin.write('first\n');
  for await (const line of child) {
    console.log(line);
    if (line.endsWith('first')) child.stdin.end('second\n');
  }
}

export async function ours({ run }) {
  const child = run('sh', ['-c', script], { stdin: 'pipe' });
  child.stdin.write('first\n');
  for await (const line of child) {
    console.log(line);
    if (line.endsWith('first')) child.stdin.end('second\n');
  }
}
