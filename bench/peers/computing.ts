// computing.js PIECES PAIRS: computes, a turn of the event loop for each piece, with its diagnostics open and closed by turns. Writes the costs.
import { Alternation } from './alternation.js';

const [pieces = 0, pairs = 0] = process.argv.slice(2).map(Number);
const steps = 50_000;
const warmUp = 200;
let state = 1;

function compute(): void {
  for (let step = 0; step < steps; step += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function compile(): Promise<void> {
  for (let turn = 0; turn < warmUp; turn += 1) {
    compute();
    await nextTurn();
  }
}

await compile();
const turns = new Alternation(pieces, pairs);
while (!turns.ended) {
  compute();
  await nextTurn();
  turns.count();
}
console.log(JSON.stringify(turns.costs));
// The state is told, so that it has to be computed.
process.exit(state === 0.5 ? 1 : 0);
