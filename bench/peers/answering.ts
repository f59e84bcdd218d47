// answering.js turns PIECES PAIRS: a server with its diagnostics open and closed by turns. Writes its port, and in the end the costs.
// answering.js open|bare REQUESTS: one with its diagnostics open, or without sigkit; the file that it looks for before the first of so many
// requests, and after the last, is not there, and shows in a trace.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [how, pieces = '', pairs = ''] = process.argv.slice(2);
const warmUp = how === 'turns' ? 3000 : 50;

/** Calls `each` after each request that follows the warming up. */
function answer(each: (served: number) => void): void {
  let served = -warmUp;
  const server = createServer((_request, response) => {
    response.end('hello\n');
    served += 1;
    if (served >= 0) each(served);
  });
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
}

if (how === 'turns') {
  const { Alternation } = await import('./alternation.js');
  const turns = new Alternation(Number(pieces), Number(pairs));
  answer(() => {
    turns.count();
    if (!turns.ended) return;
    console.log(JSON.stringify(turns.costs));
    process.exit();
  });
} else {
  if (how === 'open') (await import('./diagnosed.js')).openAll();
  answer((served) => {
    if (served === 0) existsSync('/sigkit-bench-begins');
    if (served < Number(pieces)) return;
    existsSync('/sigkit-bench-ends');
    process.exit();
  });
}
