export async function theirs({ execa }) {
  for (const encoding of ['hex', 'base64', 'latin1'])
    console.log((await execa('printf', [String.raw`\377x`], { encoding })).stdout);
}

export async function ours({ run }) {
  for (const encoding of ['hex', 'base64', 'latin1'])
    console.log((await run('printf', [String.raw`\377x`], { encoding })).stdout);
}
