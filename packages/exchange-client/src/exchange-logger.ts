/** Where the adapter says what went wrong; facts never hold a key, a signature or a listen key. */
export interface ExchangeLogger {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}
