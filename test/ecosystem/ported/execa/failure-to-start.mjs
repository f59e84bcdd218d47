export async function theirs({ execa }) {
  try {
    await execa('no-such-program');
  } catch ({ code }) {
    console.log(code);
  }
}

export async function ours({ run }) {
  try {
    await run('no-such-program');
  } catch ({ code }) {
    console.log(code);
  }
}
