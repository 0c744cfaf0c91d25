/** The few parts of thrift that a server needs; it comes without types. */
declare module 'thrift' {
  import type { Server } from 'node:http';
  interface ThriftParts {
    readonly TBufferedTransport: unknown;
    readonly TBinaryProtocol: unknown;
    createWebServer(options: {
      readonly services: Readonly<
        Record<
          string,
          {
            readonly processor: unknown;
            readonly handler: object;
            readonly protocol: unknown;
            readonly transport: unknown;
          }
        >
      >;
    }): Server;
  }
  const thrift: ThriftParts;
  export default thrift;
}

/** Beside what the package declares for itself: the generated parts of the protocol. */
declare module '@heavyai/connector' {
  const connector: Readonly<Record<string, unknown>>;
  export default connector;
}
