import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';

/** What passes through and may be acted upon before it goes on. */
export interface Passing {
  readonly to: 'store' | 'client';
  readonly bytes: Buffer;
}

/** A way to a store that can be away, and that sees what passes. */
export interface ChaosProxy {
  readonly url: string;
  /** Ends every connection and refuses new ones until `restore`. */
  takeAway(): void;
  restore(): void;
  /** Called with each piece before it goes on; `swallow` loses it together with the connection. */
  watch(look: ((passing: Passing) => 'pass' | 'swallow') | null): void;
  stop(): Promise<void>;
}

export const aChaosProxy = async (storeUrl: string): Promise<ChaosProxy> => {
  const target = new URL(storeUrl);
  const open = new Set<Socket>();
  let isAway = false;
  let look: Parameters<ChaosProxy['watch']>[0] = null;
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (isAway) {
      client.destroy();
      return;
    }
    const store = connectTo(Number(target.port), target.hostname);
    const end = (): void => {
      open.delete(client);
      open.delete(store);
      client.destroy();
      store.destroy();
    };
    const carry = (from: Socket, to: Socket, direction: Passing['to']): void => {
      open.add(from);
      from.on('error', end);
      from.on('close', end);
      from.on('data', (bytes: Buffer) => {
        if (look?.({ to: direction, bytes }) === 'swallow') end();
        else to.write(bytes);
      });
    };
    carry(client, store, 'store');
    carry(store, client, 'client');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(storeUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    takeAway: () => {
      isAway = true;
      cut();
    },
    restore: () => {
      isAway = false;
    },
    watch: (given) => {
      look = given;
    },
    stop: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
