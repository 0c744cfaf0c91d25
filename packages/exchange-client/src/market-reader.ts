import { Candle, INTERVAL_MS, type Interval, MarketSymbol } from '@qt/contracts';
import { dec, Decimal, toText } from '@qt/kernel';
import library, { type BinanceRest } from 'binance-api-node';
import { z } from 'zod';
import type { Instrument } from './port.ts';
import { readFailure } from './read-failure.ts';
import { unreadable } from './rest-shapes.ts';
import type { VenueAnswer } from './venue-answer.ts';
import type { WeightBudget } from './weight-budget.ts';

const LibraryError = z.object({
  code: z.union([z.string(), z.number()]).optional(),
  message: z.string(),
  response: z.object({ status: z.number() }).optional(),
});

const Filter = z.object({
  filterType: z.string(),
  tickSize: z.string().optional(),
  stepSize: z.string().optional(),
  minQty: z.string().optional(),
  maxQty: z.string().optional(),
  notional: z.string().optional(),
});
const ExchangeFacts = z.object({
  symbols: z.array(
    z.object({
      symbol: z.string(),
      status: z.string(),
      contractType: z.string(),
      maintMarginPercent: z.string(),
      filters: z.array(Filter),
    }),
  ),
});
type SymbolFacts = z.infer<typeof ExchangeFacts>['symbols'][number];

const Kline = z.object({
  openTime: z.int(),
  open: z.string(),
  high: z.string(),
  low: z.string(),
  close: z.string(),
  volume: z.string(),
});

const UsageByHost = z.record(z.string(), z.object({ usedWeight1m: z.coerce.number().optional() }));

const PAGE_CANDLES = 1000;
const PAGE_WEIGHT = 5;
const plain = (text: string): string => toText(dec(text));

const instrumentOf = (facts: SymbolFacts): Instrument => {
  const field = (filterType: string, name: Exclude<keyof z.infer<typeof Filter>, 'filterType'>): Decimal => {
    const value = facts.filters.find((filter) => filter.filterType === filterType)?.[name];
    if (value === undefined) throw unreadable(`exchangeInfo of ${facts.symbol}`, `${filterType}.${name} is missing`);
    return dec(value);
  };
  return {
    symbol: facts.symbol,
    status: facts.status === 'TRADING' ? 'trading' : 'halted',
    priceStep: field('PRICE_FILTER', 'tickSize'),
    quantityStep: Decimal.max(field('LOT_SIZE', 'stepSize'), field('MARKET_LOT_SIZE', 'stepSize')),
    minQuantity: Decimal.max(field('LOT_SIZE', 'minQty'), field('MARKET_LOT_SIZE', 'minQty')),
    maxQuantity: Decimal.min(field('LOT_SIZE', 'maxQty'), field('MARKET_LOT_SIZE', 'maxQty')),
    minNotionalUsdt: field('MIN_NOTIONAL', 'notional'),
    maintenanceMarginRatio: dec(facts.maintMarginPercent).div(100),
  };
};

/** Returns an answer in our form for whatever the library threw; URLs and bodies stay behind. */
const answerOf = (thrown: unknown): VenueAnswer => {
  const parsed = LibraryError.safeParse(thrown);
  if (!parsed.success) return { kind: 'failed', wasSent: true, failure: 'the library failed without a reason' };
  const { code, message, response } = parsed.data;
  if (typeof code === 'number') {
    // The library drops the status of JSON errors; -1003 is the only code whose status matters to a read.
    const body = JSON.stringify({ code, msg: message });
    return { kind: 'answered', httpStatus: code === -1003 ? 429 : 400, body, retryAfterMs: null };
  }
  if (response !== undefined)
    return { kind: 'answered', httpStatus: response.status, body: '<html>', retryAfterMs: null };
  return {
    kind: 'failed',
    wasSent: code !== 'ECONNREFUSED',
    failure: typeof code === 'string' ? code : 'connection failed',
  };
};

/** Options of `MarketReader`. */
export interface MarketReaderOptions {
  readonly restUrl: string;
  readonly budget: WeightBudget;
  /** Wall ms for one call. */
  readonly deadlineMs: number;
  readonly trustsUsageHeaders: boolean;
}

/** Public market data through binance-api-node. The library is given no key: its errors carry URLs. */
export class MarketReader {
  readonly #client: BinanceRest;
  readonly #options: MarketReaderOptions;
  readonly #usageKey: string;

  constructor(options: MarketReaderOptions) {
    this.#client = library.default({ httpFutures: options.restUrl });
    this.#options = options;
    const host = new URL(options.restUrl).hostname;
    this.#usageKey = host.includes('.') ? host : 'null'; // the library's own reading of a host without a dot
  }

  /** Units: UTC ms. */
  async serverTimeMs(): Promise<number> {
    // Typed as an object, really a number.
    return z.int().parse(await this.#read('GET /fapi/v1/time', 1, () => this.#client.futuresTime()));
  }

  async instruments(): Promise<readonly Instrument[]> {
    const raw = await this.#read('GET /fapi/v1/exchangeInfo', 1, () => this.#client.futuresExchangeInfo());
    const facts = ExchangeFacts.safeParse(raw);
    if (!facts.success) throw unreadable('GET /fapi/v1/exchangeInfo', z.prettifyError(facts.error));
    return facts.data.symbols
      .filter(({ symbol, contractType }) => contractType === 'PERPETUAL' && MarketSymbol.safeParse(symbol).success)
      .map(instrumentOf);
  }

  /** Closed candles by the given time, oldest first, `endMs` exclusive. */
  async candles(query: {
    symbol: string;
    interval: Interval;
    startMs: number;
    endMs: number;
    nowMs: number;
  }): Promise<readonly Candle[]> {
    const { symbol, interval, endMs, nowMs } = query;
    const lengthMs = INTERVAL_MS[interval];
    const candles: Candle[] = [];
    let startMs = query.startMs;
    while (startMs < endMs) {
      const page = await this.#page({ symbol, interval, startMs, endMs });
      for (const candle of page) if (candle.openTimeMs + lengthMs <= nowMs) candles.push(candle);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_CANDLES) break;
      startMs = last.openTimeMs + lengthMs;
    }
    return candles;
  }

  async #page(query: {
    symbol: string;
    interval: Interval;
    startMs: number;
    endMs: number;
  }): Promise<readonly Candle[]> {
    const { symbol, interval, startMs, endMs } = query;
    const payload = { symbol, interval, startTime: startMs, endTime: endMs - 1, limit: PAGE_CANDLES };
    const raw = await this.#read('GET /fapi/v1/klines', PAGE_WEIGHT, () => this.#client.futuresCandles(payload));
    const rows = z.array(Kline).safeParse(raw);
    if (!rows.success) throw unreadable('GET /fapi/v1/klines', z.prettifyError(rows.error));
    return rows.data.map((row) =>
      Candle.parse({
        symbol,
        interval,
        openTimeMs: row.openTime,
        open: plain(row.open),
        high: plain(row.high),
        low: plain(row.low),
        close: plain(row.close),
        volume: plain(row.volume),
      }),
    );
  }

  async #read(what: string, weight: number, call: () => Promise<unknown>): Promise<unknown> {
    const { budget, deadlineMs } = this.#options;
    const grant = await budget.take({ weight, orders: 0, priority: 'normal' });
    if (grant.kind === 'refused') {
      throw readFailure(what, { kind: 'withheld', reason: grant.reason, retryAtMs: grant.retryAtMs });
    }
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject({ code: `no answer within ${deadlineMs} ms`, message: 'deadline' }), deadlineMs);
    });
    try {
      return await Promise.race([call(), deadline]);
    } catch (thrown) {
      throw readFailure(what, answerOf(thrown));
    } finally {
      clearTimeout(timer);
      this.#reportUsage();
    }
  }

  #reportUsage(): void {
    if (!this.#options.trustsUsageHeaders) return;
    // Typed as exchangeInfo, really a process-wide map from host to header texts.
    const usage: unknown = this.#client.getInfo();
    const used = UsageByHost.safeParse(usage).data?.[this.#usageKey]?.usedWeight1m;
    if (used === undefined) return;
    this.#options.budget.report({ weight1m: used, orders10s: null, orders1m: null }).catch(() => undefined);
  }
}
