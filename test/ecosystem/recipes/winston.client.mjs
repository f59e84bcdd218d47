export { drive } from './log-lines.mjs';
