import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';

/** A way to a store that can be cut: every connection through it breaks at once, wherever its conversation stands. */
export interface CuttingProxy {
  /** The store's URL, by way of the proxy. */
  readonly url: string;
  cut(): void;
  stop(): Promise<void>;
}

export const aCuttingProxy = async (storeUrl: string): Promise<CuttingProxy> => {
  const target = new URL(storeUrl);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const store = connectTo(Number(target.port), target.hostname);
    for (const socket of [client, store]) {
      open.add(socket);
      // A cut socket reports the cut; that is what it is for.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        store.destroy();
      });
    }
    client.pipe(store);
    store.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(storeUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    stop: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
