// restarts/service.js WAY: a service that WAY ends on SIGTERM. Writes its port, and what it logs, to the standard output.
import { ways } from './ways.js';

const port = await ways[process.argv[2] ?? '']?.();
if (port === undefined) throw new Error(`nobody is called ${process.argv[2]}`);
process.stdout.write(`port ${port}\n`);
