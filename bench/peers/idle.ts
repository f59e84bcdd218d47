// idle.js thread|loop|diagnostics|process.on|node: waits for a SIGHUP, or for nothing, until it is killed. Says when it has begun.
import { openAll } from './diagnosed.js';
import { openStream, type Transport } from './transport.js';

const [how] = process.argv.slice(2);
if (how === 'process.on') process.on('SIGHUP', () => {});
else if (how === 'diagnostics') openAll();
else if (how !== 'node') void openStream('SIGHUP', how as Transport).next();
// Never due while this is measured.
setTimeout(() => {}, 2 ** 31 - 1);
process.stdout.write('idle\n');
