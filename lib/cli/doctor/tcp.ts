import { linkOf, namesIn, textOf } from '../../diagnostics/inspect/readable.js';

/** Where somebody listens. */
export interface Listener {
  readonly port: number;
  readonly host: string;
}

interface Socket {
  readonly address: string;
  readonly port: number;
  readonly peerPort: number;
  readonly listens: boolean;
  readonly unread: number;
  /** 0 until it has been accepted. */
  readonly inode: string;
}

const listening = '0A';
const portOf = (end: string): number => Number.parseInt(end.slice(end.indexOf(':') + 1), 16);

// proc_pid_net(5).
function socketsIn(file: string): Socket[] {
  const [, ...lines] = (textOf(file) ?? '').trimEnd().split('\n');
  return lines.map((line) => {
    const [, own = '', peer = '', state, queues = '', , , , , inode = '0'] = line.trim().split(/\s+/);
    return {
      address: own.slice(0, own.indexOf(':')),
      port: portOf(own),
      peerPort: portOf(peer),
      listens: state === listening,
      unread: portOf(queues),
      inode,
    };
  });
}

const sockets = (): Socket[] => ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(socketsIn);

function inodesOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return (namesIn(folder) ?? []).flatMap((name) => {
    const target = linkOf(`${folder}/${name}`) ?? '';
    return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [];
  });
}

/** The TCP ports that these processes listen on. */
export function listenersOf(pids: readonly number[]): readonly Listener[] {
  const inodes = new Set(pids.flatMap(inodesOf));
  const onlyIpv6 = /^0{24}01000000$/;
  return sockets()
    .filter(({ listens, inode }) => listens && inodes.has(inode))
    .map(({ port, address }) => ({ port, host: onlyIpv6.test(address) ? '::1' : '127.0.0.1' }));
}

/**
 * The ports of clients whose connection to `port` the app has accepted, and from which it has read all that came: who is answered
 * nothing after that has lost a request.
 */
export function readFrom(port: number): ReadonlySet<number> {
  const taken = sockets().filter((one) => one.port === port && !one.listens && one.inode !== '0' && one.unread === 0);
  return new Set(taken.map(({ peerPort }) => peerPort));
}
