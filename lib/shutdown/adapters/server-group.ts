import type { Server } from 'node:net';

import { claim, isClaimed, listeningServers, watchListening } from './listening.js';
import { settleAlike } from './settle.js';

/** A server on its way to its end. */
export interface ClosingServer {
  stopAccepting(signal: AbortSignal): Promise<void>;
  drain(signal: AbortSignal): Promise<void>;
  dispose(): void;
}

/** Servers that end together: those that were given, and those that share a listener of `request` with one of them. */
export class ServerGroup {
  readonly #given: readonly Server[];
  readonly #close: (server: Server) => ClosingServer;
  readonly #closing = new Map<Server, ClosingServer>();
  readonly #claims: (() => void)[] = [];
  readonly #unwatch: () => void;

  constructor(given: readonly Server[], close: (server: Server) => ClosingServer) {
    this.#given = given;
    this.#close = close;
    for (const server of given) this.#add(server);
    this.#unwatch = watchListening((server) => this.#adopt(server));
    this.#adoptListening();
  }

  async stopAccepting(signal: AbortSignal): Promise<void> {
    this.#adoptListening();
    await together([...this.#closing.values()].map((closing) => closing.stopAccepting(signal)));
  }

  async drain(signal: AbortSignal): Promise<void> {
    this.#adoptListening();
    try {
      await together([...this.#closing.values()].map((closing) => closing.drain(signal)));
    } finally {
      this.#unwatch();
    }
  }

  dispose(): void {
    for (const closing of this.#closing.values()) closing.dispose();
    this.#unwatch();
    for (const release of this.#claims.splice(0)) release();
  }

  #add(server: Server, onTaken?: () => void): void {
    // First, so that who has it lets go of it before.
    this.#claims.push(claim(server, onTaken));
    this.#closing.set(server, this.#close(server));
  }

  #adoptListening(): void {
    for (const server of listeningServers()) this.#adopt(server);
  }

  #adopt(server: Server): void {
    if (isClaimed(server) || !this.#given.some((own) => haveListenerInCommon(own, server))) return;
    // Whoever gives it to an adapter of its own means that one.
    this.#add(server, () => {
      this.#closing.get(server)?.dispose();
      this.#closing.delete(server);
    });
  }
}

function haveListenerInCommon(one: Server, other: Server): boolean {
  const listeners = one.listeners('request');
  return other.listeners('request').some((listener) => listeners.includes(listener));
}

function together(promises: readonly Promise<void>[]): Promise<void> {
  return settleAlike(promises, () => 'several servers failed to end');
}
