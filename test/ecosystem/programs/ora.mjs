// Spins on a terminal until its end.
import ora from 'ora';

import { live } from './life.mjs';

const [way, discardStdin = 'true'] = process.argv.slice(2);
const spinner = ora({ text: 'working', discardStdin: discardStdin === 'true' }).start();
await live(way, async () => void spinner.succeed('done'));
if (way === 'return') spinner.succeed('done');
