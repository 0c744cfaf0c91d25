/** The few parts of the connector that are used; it comes without types. */
declare module '@heavyai/connector' {
  export interface DbCon {
    protocol(name: string): DbCon;
    host(name: string): DbCon;
    port(number: string): DbCon;
    dbName(name: string): DbCon;
    user(name: string): DbCon;
    password(word: string): DbCon;
    useBinaryProtocol(isBinary: boolean): DbCon;
    connectAsync(): Promise<DbCon>;
    disconnectAsync(): Promise<DbCon>;
    queryAsync(
      sql: string,
      options: { readonly columnarResults: boolean },
    ): Promise<readonly Record<string, unknown>[]>;
  }
  const connector: { readonly DbCon: new () => DbCon };
  export default connector;
}
