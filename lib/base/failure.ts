// What explains why the addon cannot be loaded.
export { loadErrorOf } from './load-error.js';
export { thisMachine } from './machine.js';
export { whereThisIs } from './unsupported.js';
