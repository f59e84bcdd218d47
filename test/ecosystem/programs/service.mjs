// A service that something else starts, and stops.
import { live } from './life.mjs';

await live(process.argv[2] ?? 'stop');
