import { container } from './places/container.js';
import { essentials } from './places/index.js';

essentials(container);
