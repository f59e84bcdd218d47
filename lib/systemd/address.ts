import { shown } from './environment.js';

/** Where a manager listens, or why nobody can be told anything. */
export type Address = { readonly address: string } | { readonly problem: string };

// sun_path of unix(7), with a null at its end.
const maxPathBytes = 107;

/** Reads NOTIFY_SOCKET: a path, or '@' and the name of an abstract socket. */
export function parseAddress(value: string | undefined): Address {
  const given = shown('NOTIFY_SOCKET', value);
  if (value === undefined || value === '') return { problem: given };
  if (value.startsWith('vsock')) return { problem: `${given}: sigkit does not support vsock` };
  if (!/^[/@]./su.test(value)) return { problem: `${given}: neither a path from / on nor an abstract address` };
  if (value.includes('\0') || Buffer.byteLength(value) > maxPathBytes)
    return { problem: `${given}: too long for the address of a socket` };
  return { address: value };
}
