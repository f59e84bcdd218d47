import { type SignalStream, type Signals, signals } from 'sigkit';

/** What carries a signal to the event loop: a thread of sigkit's, or a descriptor that the loop itself polls. */
export type Transport = 'thread' | 'loop';

/** A stream over one of the transports. */
export function openStream(sigs: Signals, transport: Transport): SignalStream {
  const options: object = { transport };
  return signals(sigs, options);
}

/** Why a transport cannot be measured, or undefined: a sigkit that knows of none passes over the option. */
export function missingTransport(transport: Transport): string | undefined {
  if (transport === 'thread') return undefined;
  try {
    openStream('SIGHUP', 'nonsense' as Transport).close();
  } catch {
    return undefined;
  }
  return "this sigkit has no { transport: 'loop' }";
}
