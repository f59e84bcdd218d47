import { essentials } from './places/index.js';
import { namespace, plain } from './places/place.js';

essentials(namespace);
essentials(plain);
