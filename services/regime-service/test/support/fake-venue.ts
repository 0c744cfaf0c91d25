import { type Candle, closedAtMs, INTERVAL_MS } from '@qt/contracts';
import type { FeedHealth, Instrument, MarketStreamHandlers } from '@qt/exchange-client';
import { AppError, dec, seededRandom } from '@qt/kernel';
import type { MarketSource } from '../../src/ports.ts';

export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];

const MINUTE_MS = INTERVAL_MS['1m'];
const HISTORY_MINUTES = 2_000;

const instrument = (symbol: string): Instrument => ({
  symbol,
  status: 'trading',
  priceStep: dec('0.1'),
  quantityStep: dec('0.001'),
  minQuantity: dec('0.001'),
  maxQuantity: dec('1000'),
  minNotionalUsdt: dec('5'),
  maintenanceMarginRatio: dec('0.005'),
});

/** A venue of one-minute candles in memory: time moves by `closeMinutes`, and each fault is switched on by hand. */
export class FakeVenue implements MarketSource {
  readonly #symbols: readonly string[];
  readonly #market: ReadonlyMap<string, Candle[]>;
  #nowMs = HISTORY_MINUTES * MINUTE_MS;
  #handlers: MarketStreamHandlers | null = null;
  #random = seededRandom(5);
  /** Requests fail while this is set. */
  isDown = false;
  requests = 0;

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
    this.#market = new Map(symbols.map((symbol) => [symbol, []]));
    for (let minute = 0; minute < HISTORY_MINUTES; minute += 1) this.#form(minute * MINUTE_MS);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  syncClock(): Promise<number> {
    return this.isDown ? Promise.reject(this.#unavailable()) : Promise.resolve(0);
  }

  instruments(): Promise<readonly Instrument[]> {
    return this.isDown ? Promise.reject(this.#unavailable()) : Promise.resolve(this.#symbols.map(instrument));
  }

  candles(query: { symbol: string; startMs: number; endMs: number }): Promise<readonly Candle[]> {
    this.requests += 1;
    if (this.isDown) return Promise.reject(this.#unavailable());
    const all = this.#market.get(query.symbol) ?? [];
    return Promise.resolve(all.filter(({ openTimeMs }) => openTimeMs >= query.startMs && openTimeMs < query.endMs));
  }

  openMarketStream({ handlers }: { handlers: MarketStreamHandlers }): ReturnType<MarketSource['openMarketStream']> {
    this.#handlers = handlers;
    handlers.onOpened();
    const health = (): FeedHealth => ({ isConnected: this.#handlers !== null, lastMessageAtMs: this.#nowMs });
    return Promise.resolve({ health, close: () => this.close() });
  }

  close(): Promise<void> {
    this.#handlers = null;
    return Promise.resolve();
  }

  /** Closes so many minutes; the stream carries them unless it is `isSilent`. Returns the candles. */
  closeMinutes(count: number, { isSilent = false }: { readonly isSilent?: boolean } = {}): readonly Candle[] {
    const closed: Candle[] = [];
    for (let minute = 0; minute < count; minute += 1) {
      const formed = this.#form(this.#nowMs);
      this.#nowMs += MINUTE_MS;
      closed.push(...formed);
      if (!isSilent) for (const candle of formed) this.#handlers?.onCandle(candle);
    }
    return closed;
  }

  /** Says one candle on the stream, whatever it is. */
  push(candle: Candle): void {
    this.#handlers?.onCandle(candle);
  }

  /** Loses the connection and comes back. */
  reconnect(): void {
    this.#handlers?.onLost('the test cut it');
    this.#handlers?.onOpened();
  }

  #form(openTimeMs: number): readonly Candle[] {
    return this.#symbols.map((symbol) => {
      const series = this.#market.get(symbol) ?? [];
      const open = Number(series.at(-1)?.close ?? '30000');
      const close = open * Math.exp((this.#random() - 0.5) * 0.004);
      const candle: Candle = {
        symbol,
        interval: '1m',
        openTimeMs,
        open: open.toFixed(2),
        high: (Math.max(open, close) * (1 + this.#random() * 0.001)).toFixed(2),
        low: (Math.min(open, close) * (1 - this.#random() * 0.001)).toFixed(2),
        close: close.toFixed(2),
        volume: '12.5',
      };
      series.push(candle);
      return candle;
    });
  }

  #unavailable(): AppError {
    const at = closedAtMs({ openTimeMs: this.#nowMs, interval: '1m' });
    return new AppError('VENUE_UNAVAILABLE', `the fake venue is down at ${at}`, { retryable: true });
  }
}
