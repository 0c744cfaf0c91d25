import { setTimeout as sleep } from 'node:timers/promises';
import { type Candle, INTERVAL_MS, type Interval } from '@qt/contracts';
import { AppError, messageOf, SerialQueue } from '@qt/kernel';
import type { EngineUpdate } from '@qt/regime';
import { CandleNews } from './candle-news.ts';
import type { ComponentLoggers } from './components/component-registry.ts';
import { formingOpenTimeMs, placeOf } from './domain/candle-place.ts';
import { type ClassifiedCandle, publishClassified } from './domain/market-events.ts';
import { classifiedOf, type MarketTrack, type SeenCandle } from './market-track.ts';
import type { CandleStore, EventSink, MarketSource, RegimeStore } from './ports.ts';
import type { RegimeMetrics } from './regime-metrics.ts';
import { StateSaving } from './state-saving.ts';

/** One transaction never carries more candles than this. */
const MAX_BATCH_CANDLES = 500;
const MAX_STATEMENT_CANDLES = 500;
/** Beyond this, candles from the stream are let go: the gap they leave is fetched again. */
const MAX_WAITING_CANDLES = 10_000;
/** Optimizations of boundaries in one transaction: each takes tens of milliseconds, and an hourly turn asks every market at once. */
const MAX_BATCH_OPTIMIZATIONS = 2;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
/** Postgres is ours: asking it often costs little, and candles wait for it. */
const LAST_STORE_RETRY_MS = 3_000;

export interface CandlePipelineDeps {
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly interval: Interval;
  readonly source: MarketSource;
  readonly bus: EventSink;
  readonly candles: CandleStore;
  readonly regimes: RegimeStore;
  readonly metrics: RegimeMetrics;
  readonly loggers: ComponentLoggers;
  /** Told of each candle once it is committed. */
  readonly onCommitted?: (track: MarketTrack, classified: ClassifiedCandle) => void;
}

interface Waiting {
  readonly candle: Candle;
  readonly arrivedAtMs: number;
}

/** A candle as it came. */
interface Heard extends Waiting {
  readonly origin: 'stream' | 'gap_fill';
}

interface Taken {
  readonly track: MarketTrack;
  readonly classified: ClassifiedCandle;
  /** Monotonic clock. */
  readonly arrivedAtMs: number;
}

const recordOf = ({ candle, ...one }: ClassifiedCandle): Parameters<RegimeStore['add']>[1][number] => ({
  symbol: candle.symbol,
  interval: candle.interval,
  openTimeMs: candle.openTimeMs,
  state: one.state,
  regime: one.regime,
  previousRegimeId: one.previousRegimeId,
  dwellCandles: one.dwellCandles,
  probabilities: one.probabilities,
  detail: one.detail,
});

const retryDelayMs = (attempt: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);

/**
 * Takes candles in one line, per market in order and without a hole: what is missing before a candle is fetched first. Candles that wait
 * together are one transaction of candles, classifications and events. Nothing is forgotten when Postgres or the venue is away: the
 * line waits for Postgres, and a gap that could not be fetched is asked for again.
 */
export class CandlePipeline {
  readonly #deps: CandlePipelineDeps;
  readonly #queue = new SerialQueue();
  readonly #news: CandleNews;
  readonly #saving: StateSaving;
  #waiting: Waiting[] = [];
  readonly #stopping = new AbortController();
  #isPaused = false;
  #optimizationsLeft = MAX_BATCH_OPTIMIZATIONS;
  #behindSince: string | null = null;
  #failedCatchUps = 0;
  #retry: NodeJS.Timeout | null = null;
  #storeFault: string | null = null;
  readonly #settled: (() => void)[] = [];

  constructor(deps: CandlePipelineDeps) {
    this.#deps = deps;
    this.#news = new CandleNews(deps);
    this.#saving = new StateSaving(deps);
  }

  /** Why the line does not move, in words; null when it does. */
  get fault(): string | null {
    return this.#storeFault ?? this.#behindSince;
  }

  get waitingCandles(): number {
    return this.#waiting.length;
  }

  /** Queues a candle that the venue has pushed. */
  accept(candle: Candle): void {
    if (this.#isPaused || this.#stopping.signal.aborted || this.#waiting.length >= MAX_WAITING_CANDLES) return;
    this.#waiting.push({ candle, arrivedAtMs: performance.now() });
    if (this.#waiting.length === 1) this.#enqueue(() => this.#takeWaiting());
  }

  /** Queues the fetching of every closed candle that the stream has not brought. */
  catchUp(): void {
    if (this.#isPaused || this.#stopping.signal.aborted) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#enqueue(() => this.#catchUpAll());
  }

  /** Takes in history that is not news: it is stored and classified, and no event says so. Throws what the venue or the store threw. */
  async warmUp(track: MarketTrack, seen: readonly SeenCandle[]): Promise<void> {
    const arrivedAtMs = performance.now();
    // One transaction, whatever its length: a restart must never find half a history and take the rest for news.
    await this.#commit(
      seen.flatMap(({ candle, update }) => this.#accepted(track, { candle, update, origin: 'gap_fill', arrivedAtMs })),
      false,
    );
  }

  /** Resolves once nothing waits, nothing is under way and nothing is known to be missing. */
  async idle(): Promise<void> {
    while (
      !this.#stopping.signal.aborted &&
      (this.#queue.size > 0 || this.#waiting.length > 0 || this.#retry !== null)
    ) {
      await this.#queue.idle();
      if (this.#retry !== null) await new Promise<void>((resolve) => this.#settled.push(resolve));
    }
  }

  /** Finishes what has been taken in and takes no more. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#queue.idle();
  }

  resume(): void {
    this.#isPaused = false;
    this.catchUp();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    for (const resolve of this.#settled.splice(0)) resolve();
    await this.#queue.idle();
  }

  #enqueue(job: () => Promise<void>): void {
    void this.#queue.run(async () => {
      if (this.#stopping.signal.aborted) return;
      try {
        await job();
      } catch (error) {
        this.#breakOff(error);
      }
    });
  }

  /** An engine may be ahead of the record now: no later job may store a candle or a state. */
  #breakOff(error: unknown): void {
    if (this.#stopping.signal.aborted) {
      const facts = { code: 'NOT_STORED', reason: messageOf(error) };
      this.#deps.loggers.integration_orchestrator.warn('ends before all is stored; the next start fetches it', facts);
      return;
    }
    this.#stopping.abort();
    // What reaches here is broken, not away: the process must not go on.
    setImmediate(() => {
      throw error;
    });
  }

  async #takeWaiting(): Promise<void> {
    // One turn of the event loop: candles that the venue sent together are then one transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0 && !this.#stopping.signal.aborted) {
      const batch = this.#waiting.slice(0, MAX_BATCH_CANDLES);
      this.#waiting = this.#waiting.slice(MAX_BATCH_CANDLES);
      const taken: Taken[] = [];
      this.#optimizationsLeft = MAX_BATCH_OPTIMIZATIONS;
      for (const waiting of batch) taken.push(...(await this.#take(waiting)));
      await this.#commit(taken, true);
    }
    this.#saveLater();
  }

  async #take({ candle, arrivedAtMs }: Waiting): Promise<readonly Taken[]> {
    const track = this.#deps.tracks.get(candle.symbol);
    if (track === undefined || candle.interval !== track.interval) return [];
    const place = placeOf(candle.openTimeMs, track.engine.lastOpenTimeMs, INTERVAL_MS[track.interval]);
    if (place.kind === 'known') {
      track.quality.duplicate();
      return [];
    }
    const taken: Taken[] = [];
    if (place.kind === 'after_gap') {
      track.quality.gap();
      const missing = await this.#fetch(track, place.startMs, place.endMs);
      // Without what came before, this candle must wait too: the next attempt fetches both.
      if (missing === null) return [];
      taken.push(
        ...missing.flatMap((earlier) => this.#classify(track, { candle: earlier, origin: 'gap_fill', arrivedAtMs })),
      );
    }
    taken.push(...this.#classify(track, { candle, origin: 'stream', arrivedAtMs }));
    return taken;
  }

  async #catchUpAll(): Promise<void> {
    const arrivedAtMs = performance.now();
    const intervalMs = INTERVAL_MS[this.#deps.interval];
    try {
      await this.#deps.source.syncClock();
    } catch (error) {
      this.#fallBehind(`the venue's clock cannot be read: ${messageOf(error)}`);
      return;
    }
    const endMs = formingOpenTimeMs(this.#deps.source.nowMs(), intervalMs);
    let hasAll = true;
    for (const track of this.#deps.tracks.values()) {
      const last = track.engine.lastOpenTimeMs;
      const startMs = last === null ? endMs - intervalMs : last + intervalMs;
      if (this.#stopping.signal.aborted || startMs >= endMs) continue;
      const missing = await this.#fetch(track, startMs, endMs);
      if (missing === null) hasAll = false;
      else await this.#catchUpOn(track, missing, arrivedAtMs);
    }
    this.#saveLater();
    if (hasAll) {
      this.#behindSince = null;
      this.#failedCatchUps = 0;
      for (const resolve of this.#settled.splice(0)) resolve();
    }
  }

  /** Piece by piece, each classified only when the one before is stored: the state that goes with a piece must not know the next. */
  async #catchUpOn(track: MarketTrack, missing: readonly Candle[], arrivedAtMs: number): Promise<void> {
    for (let first = 0; first < missing.length && !this.#stopping.signal.aborted; first += MAX_BATCH_CANDLES) {
      this.#optimizationsLeft = MAX_BATCH_OPTIMIZATIONS;
      const piece = missing.slice(first, first + MAX_BATCH_CANDLES);
      const taken = piece.flatMap((candle) => this.#classify(track, { candle, origin: 'gap_fill', arrivedAtMs }));
      await this.#commit(taken, true);
    }
  }

  /** Returns the candles of a gap, oldest first; null when they could not be had, and then they are asked for again later. */
  async #fetch(track: MarketTrack, startMs: number, endMs: number): Promise<readonly Candle[] | null> {
    const { symbol, interval } = track;
    try {
      const missing = await this.#deps.source.candles({ symbol, interval, startMs, endMs });
      this.#deps.loggers.integration_orchestrator.info('candles fetched', {
        symbol,
        startMs,
        endMs,
        count: missing.length,
      });
      return missing.filter(({ openTimeMs }) => openTimeMs >= startMs && openTimeMs < endMs);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#fallBehind(`candles of ${symbol} from ${startMs} to ${endMs} cannot be fetched: ${error.message}`);
      this.#deps.metrics.errors.inc({ code: error.code });
      return null;
    }
  }

  #fallBehind(reason: string): void {
    this.#behindSince = reason;
    if (this.#retry !== null || this.#stopping.signal.aborted) return;
    const delayMs = retryDelayMs(this.#failedCatchUps);
    this.#failedCatchUps += 1;
    this.#deps.loggers.integration_orchestrator.warn('behind the market', {
      code: 'FEED_BEHIND',
      reason,
      retryInMs: delayMs,
    });
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.catchUp();
      for (const resolve of this.#settled.splice(0)) resolve();
    }, delayMs);
  }

  #classify(track: MarketTrack, heard: Heard): Taken[] {
    const mayOptimize = this.#optimizationsLeft > 0;
    if (track.asksForOptimization && mayOptimize) this.#optimizationsLeft -= 1;
    return this.#accepted(track, { ...heard, update: track.classify(heard.candle, { mayOptimize }) });
  }

  #accepted(
    track: MarketTrack,
    { candle, update, origin, arrivedAtMs }: Heard & { readonly update: EngineUpdate },
  ): Taken[] {
    const { symbol, openTimeMs } = candle;
    if (update.kind === 'refused') {
      const { code, detail } = update;
      track.quality.refused(code);
      this.#deps.metrics.errors.inc({ code });
      this.#deps.loggers.base_regime_detector.warn('candle refused', { code, symbol, openTimeMs, detail, origin });
      return [];
    }
    track.quality.accepted(openTimeMs, origin);
    return [{ track, classified: classifiedOf(update, candle, origin), arrivedAtMs }];
  }

  /** The engines have moved on already: until this is committed nothing else may happen, so it is tried until it is. */
  async #commit(taken: readonly Taken[], isPublished: boolean): Promise<void> {
    if (taken.length === 0) return;
    const snapshots = [...new Set(taken.map(({ track }) => track))].flatMap((track) => {
      const snapshot = track.dueSnapshot();
      return snapshot === null ? [] : [{ track, snapshot }];
    });
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#write(
          taken.map(({ classified }) => classified),
          snapshots.map(({ snapshot }) => snapshot),
          isPublished,
        );
        break;
      } catch (error) {
        if (!(error instanceof AppError && error.retryable) || this.#stopping.signal.aborted) throw error;
        this.#storeFault = `candles cannot be stored: ${error.message}`;
        this.#deps.metrics.errors.inc({ code: error.code });
        this.#deps.loggers.integration_orchestrator.warn('not stored, trying again', {
          code: error.code,
          candles: taken.length,
          attempt,
        });
        // Ends early when the service stops; the next failure then leaves the loop.
        const delayMs = Math.min(LAST_STORE_RETRY_MS, retryDelayMs(attempt));
        await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
    this.#storeFault = null;
    for (const { track } of snapshots) track.snapshotSaved();
    for (const one of taken) this.#committed(one, isPublished);
    for (const { track } of taken) this.#saving.note(track);
  }

  #saveLater(): void {
    if (!this.#saving.hasWork || this.#stopping.signal.aborted) return;
    this.#enqueue(async () => {
      // One turn of the event loop: candles that have come go first, and then this is asked for again.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#waiting.length > 0) return;
      await this.#saving.saveOne();
      this.#saveLater();
    });
  }

  async #write(
    classified: readonly ClassifiedCandle[],
    snapshots: Parameters<RegimeStore['saveSnapshots']>[1],
    isPublished: boolean,
  ): Promise<void> {
    const { bus, candles, regimes } = this.#deps;
    await bus.transact(async ({ tx, publish, beforeCommit }) => {
      // In pieces: a long history as one statement would hold up everything else while it is put into words.
      for (let first = 0; first < classified.length; first += MAX_STATEMENT_CANDLES) {
        const piece = classified.slice(first, first + MAX_STATEMENT_CANDLES);
        const rows = piece.map((one) => ({ ...one.candle, origin: one.origin, isPublished, classified: one }));
        // After a commit whose answer was lost, the same rows come again: only those that are new are said.
        const added = await candles.add(tx, rows);
        beforeCommit(() =>
          regimes.add(
            tx,
            added.map((row) => recordOf(row.classified)),
          ),
        );
        if (isPublished) for (const row of added) publishClassified(row.classified, publish);
      }
      beforeCommit(() => regimes.saveSnapshots(tx, snapshots));
    });
  }

  #committed({ track, classified, arrivedAtMs }: Taken, isPublished: boolean): void {
    const { metrics, onCommitted } = this.#deps;
    const { symbol, interval } = track;
    track.latest = classified;
    onCommitted?.(track, classified);
    metrics.current.set(classified.regime.id, { symbol, interval });
    if (isPublished) this.#news.said(track, classified, performance.now() - arrivedAtMs);
  }
}
