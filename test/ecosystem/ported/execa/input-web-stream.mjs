const body = () => new Response('from a response').body;

export async function theirs({ execa }) {
  const { stdout } = await execa('cat', { stdin: body() });
  console.log(stdout);
}

export async function ours({ run }) {
  const { stdout } = await run('cat', { input: body() });
  console.log(stdout);
}
