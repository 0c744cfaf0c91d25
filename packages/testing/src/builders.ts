import { Candle } from '@qt/contracts';

interface SilentLogger {
  debug(): void;
  info(): void;
  warn(): void;
  error(): void;
  isDebugEnabled(): boolean;
  child(): SilentLogger;
}

/** A logger that says nothing: for tests, whose output is their assertions. */
export const silentLogger: SilentLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  isDebugEnabled: () => false,
  child: () => silentLogger,
};

/** Returns a valid candle: one hour of BTCUSDT that rose a little, unless told otherwise. */
export const aCandle = (overrides: Partial<Candle> = {}): Candle =>
  Candle.parse({
    symbol: 'BTCUSDT',
    interval: '1h',
    openTimeMs: 1_672_531_200_000,
    open: '16500',
    high: '16560',
    low: '16480',
    close: '16540',
    volume: '1250.5',
    ...overrides,
  });
