import { portable } from './native.js';
import type { NativeOnly } from './unsupported.js';

/** For what the addon alone can do, where that is seen too late else. @throws ERR_SIGKIT_UNSUPPORTED */
export function requireNative(name: NativeOnly): void {
  if (portable !== undefined) throw portable.unsupported(name);
}
