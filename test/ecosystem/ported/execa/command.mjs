export async function theirs({ execa }) {
  const { escapedCommand } = await execa('echo', ['two words', "it's", '$HOME']);
  console.log(escapedCommand);
}

export async function ours({ run }) {
  const { command } = await run('echo', ['two words', "it's", '$HOME']);
  console.log(command);
}
