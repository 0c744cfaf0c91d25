import type { Queryable, RegimeClassified, SignalGenerated } from '@qt/contracts';

/** One symbol on one interval: what an engine is for. */
export interface Market {
  readonly symbol: string;
  readonly interval: RegimeClassified['candle']['interval'];
}

interface PredictionRow {
  readonly modelId: string;
  readonly direction: 'long' | 'short' | 'hold';
  readonly score: number;
  readonly confidence: number;
  readonly weight: number;
}

export interface DecisionRow extends Market {
  readonly candleClosedAtMs: number;
  readonly kind: 'signal' | 'hold' | 'warming';
  readonly reason: string | null;
  readonly direction: 'long' | 'short' | null;
  readonly confidence: number | null;
  readonly regimeId: number;
  readonly isAfterGap: boolean;
}

/** Everything one candle writes down besides its signal. */
interface ConsideredRows {
  readonly decision: DecisionRow;
  readonly predictions: readonly PredictionRow[];
  /** Earlier candles of the market whose horizon ended with this one. */
  readonly settlements: readonly SettledRow[];
}

interface SettledRow {
  readonly candleClosedAtMs: number;
  readonly returnRatio: number;
}

/** Keeps signals and what every candle and every model came to. */
export interface SignalStore {
  record(tx: Queryable, signal: SignalGenerated, correlationId: string): Promise<void>;
  recordCandle(tx: Queryable, candle: ConsideredRows): Promise<void>;
  listLatest(
    db: Queryable,
    query: { readonly symbol?: string; readonly limit: number },
  ): Promise<readonly SignalGenerated[]>;
  countDecisions(db: Queryable): Promise<Readonly<Record<string, number>>>;
}

/** Knows how often models were right. */
export interface PredictionStore {
  listModelRecords(
    db: Queryable,
    sinceMs: number,
  ): Promise<
    readonly {
      readonly modelId: string;
      readonly predictions: number;
      readonly opinions: number;
      readonly settled: number;
      readonly right: number;
    }[]
  >;
}

/** Keeps what engines remember, so that a restart goes on exactly where the last commit left off. */
export interface EngineStateStore {
  load(
    db: Queryable,
    market: Market,
    engineId: string,
  ): Promise<{ readonly state: unknown; readonly inputs: readonly unknown[] }>;
  append(
    tx: Queryable,
    market: Market,
    input: { readonly openTimeMs: number; readonly payload: object },
  ): Promise<void>;
  save(
    tx: Queryable,
    market: Market,
    saved: { readonly engineId: string; readonly openTimeMs: number; readonly state: object },
  ): Promise<void>;
}

/** Candles that were classified but never said as an event: history from before the first start. */
export interface HistoryStore {
  listBetween(
    db: Queryable,
    range: Market & { readonly afterMs: number; readonly beforeMs: number; readonly limit: number },
  ): Promise<readonly RegimeClassified[]>;
}

/** What the service counts. */
export interface AiMetrics {
  predictionsMade(modelId: string, count: number): void;
  signalGenerated(symbol: string): void;
  held(reason: string): void;
  /** From the candle's arrival to the commit of what it led to. */
  decided(latencySeconds: number): void;
}
