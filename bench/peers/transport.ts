import { type SignalStream, type Signals, type SignalsOptions, signals } from 'sigkit';

export type Transport = NonNullable<SignalsOptions['transport']>;

/** A stream over one of the transports. */
export function openStream(sigs: Signals, transport: Transport): SignalStream {
  return signals(sigs, { transport });
}
