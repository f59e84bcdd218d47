export async function theirs({ execa }) {
  const { message } = await execa('sh', ['-c', 'echo no luck >&2; exit 3']).catch((reason) => reason);
  console.log(/sh -c .*exit 3/.test(message), message.split('\n').slice(1).join('\n').trim());
}

export async function ours({ run }) {
  const { message } = await run('sh', ['-c', 'echo no luck >&2; exit 3']).catch((reason) => reason);
  console.log(/sh -c .*exit 3/.test(message), message.split('\n').slice(1).join('\n').trim());
}
