import { type Candle, INTERVAL_MS, type Interval } from '@qt/contracts';
import type { RegimeSnapshot, StoredCandle } from '@qt/database';
import { RegimeDetector, type RegimeDetectorState, type RegimeUpdate } from '@qt/regime';
import type { ClassifiedCandle } from './domain/market-events.ts';

/** Candles between two snapshots of one market: what a restart replays at most. */
const SNAPSHOT_CANDLES = 50;

/** One market and its detector. */
export class MarketTrack {
  readonly symbol: string;
  readonly interval: Interval;
  readonly detector: RegimeDetector;
  /** What was last committed; null before the first candle. */
  latest: ClassifiedCandle | null = null;
  #candlesSinceSnapshot: number;

  /** `snapshotOffset` keeps markets that close together from saving together. */
  constructor(symbol: string, interval: Interval, snapshotOffset: number) {
    this.symbol = symbol;
    this.interval = interval;
    this.detector = new RegimeDetector({ intervalMs: INTERVAL_MS[interval] });
    this.#candlesSinceSnapshot = snapshotOffset % SNAPSHOT_CANDLES;
  }

  /** Takes one candle in; what comes back is not committed yet. */
  classify(candle: Candle): RegimeUpdate {
    const update = this.detector.update(candle);
    if (update.kind === 'classified') this.#candlesSinceSnapshot += 1;
    return update;
  }

  /** Takes a candle in that was committed by an earlier run. */
  replay({ origin, isPublished: _isPublished, ...candle }: StoredCandle): void {
    const update = this.classify(candle);
    if (update.kind === 'classified') this.latest = { ...update, candle, origin };
  }

  /** Returns the state to save, when it is time. */
  dueSnapshot(): RegimeSnapshot | null {
    const openTimeMs = this.detector.lastOpenTimeMs;
    if (openTimeMs === null || this.#candlesSinceSnapshot < SNAPSHOT_CANDLES) return null;
    return { symbol: this.symbol, interval: this.interval, openTimeMs, state: this.detector.save() };
  }

  snapshotSaved(): void {
    this.#candlesSinceSnapshot = 0;
  }

  /** Goes on from a snapshot of this version; returns whether it could. */
  restore(snapshot: RegimeSnapshot): boolean {
    const state = snapshot.state as RegimeDetectorState;
    if (state.version !== 2 || state.intervalMs !== INTERVAL_MS[this.interval]) return false;
    this.detector.restore(state);
    return true;
  }
}
