import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { closedAtMs, INTERVAL_MS, type Interval } from '@qt/contracts';
import type { VenueStream } from '@qt/exchange-client';
import { AppError, type MarketClock } from '@qt/kernel';
import type { Component, ComponentCheck, Logger } from '@qt/service-kit';
import type { CandlePipeline } from './candle-pipeline.ts';
import { formingOpenTimeMs } from './domain/candle-place.ts';
import { Teacher } from './lessons/teacher.ts';
import type { MarketTrack } from './market-track.ts';
import type { CandleStore, MarketSource, RegimeStore } from './ports.ts';
import type { RegimeMetrics } from './regime-metrics.ts';

/** Markets brought up one after another; with more of them, two lines of them. A line that has to learn takes a processor and some 75 MB meanwhile. */
const MARKETS_PER_LANE = 8;
const MAX_LANES = 2;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

export interface MarketFeedDeps {
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly interval: Interval;
  readonly historyCandles: number;
  readonly source: MarketSource;
  readonly pipeline: CandlePipeline;
  readonly candles: CandleStore;
  readonly regimes: RegimeStore;
  readonly metrics: RegimeMetrics;
  readonly marketClock: MarketClock | null;
  /** How long after its close a candle may come before it, and the feed, is late. */
  readonly lateAfterMs: () => number;
  readonly logger: Logger;
}

/** How far ahead of this clock the venue may close a candle: more than clocks are apart, less than a candle. */
const MAX_AHEAD_MS = 10_000;

/** What the feed finds about itself. Ages and lags in seconds, by the venue's clock. */
export interface FeedCheck extends ComponentCheck {
  readonly is_connected: boolean;
  readonly last_message_at_ms: number | null;
  /** Of the newest committed candle of any market, since its close. */
  readonly last_candle_age_seconds: number | null;
  /** From the close of the last streamed candle to its arrival. */
  readonly lag_seconds: number | null;
  readonly waiting_candles: number;
}

/** Brings every market up to date at start, then follows the venue's stream; each (re)connection is followed by a catch-up. */
export class MarketFeed implements Component {
  readonly name = 'market_feed';
  readonly #deps: MarketFeedDeps;
  #stream: VenueStream | null = null;
  #isStopped = false;
  readonly #teachers = new Set<Teacher>();
  /** Markets that a start which failed for others need not begin with again. */
  readonly #broughtUp = new Set<MarketTrack>();
  #lostBecause: string | null = null;
  #lastCandleLagMs: number | null = null;

  constructor(deps: MarketFeedDeps) {
    this.#deps = deps;
  }

  /** Throws: SYMBOL_UNKNOWN; a venue that is away is waited for. */
  async start(): Promise<void> {
    for (let attempt = 0; !this.#isStopped; attempt += 1) {
      try {
        await this.#prepare();
        if (!this.#isStopped) await this.#open();
        return;
      } catch (error) {
        // What was begun ends with the service; the next start begins it again.
        if (this.#isStopped) return;
        if (!(error instanceof AppError && error.retryable)) throw error;
        const retryInMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
        const facts = { code: error.code, reason: error.message, retryInMs };
        this.#deps.logger.warn('the markets cannot be brought up yet', facts);
        await sleep(retryInMs);
      }
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const teacher of this.#teachers) await teacher.dismiss();
    await this.#deps.pipeline.stop();
    await this.#stream?.close();
    await this.#deps.source.close();
  }

  drain(): Promise<void> {
    return this.#deps.pipeline.pause();
  }

  resume(): void {
    this.#deps.pipeline.resume();
  }

  async idle(): Promise<void> {
    await this.#deps.pipeline.idle();
  }

  check(): FeedCheck {
    const health = this.#stream?.health() ?? { isConnected: false, lastMessageAtMs: null };
    const ageMs = this.#lastCandleAgeMs();
    const facts = {
      is_connected: health.isConnected,
      last_message_at_ms: health.lastMessageAtMs,
      last_candle_age_seconds: ageMs === null ? null : ageMs / 1_000,
      lag_seconds: this.#lastCandleLagMs === null ? null : this.#lastCandleLagMs / 1_000,
      waiting_candles: this.#deps.pipeline.waitingCandles,
    };
    if (!health.isConnected) return { status: 'down', detail: this.#lostBecause ?? 'no stream is open', ...facts };
    const { fault } = this.#deps.pipeline;
    if (fault !== null) return { status: 'degraded', detail: fault, ...facts };
    const allowedMs = INTERVAL_MS[this.#deps.interval] + this.#deps.lateAfterMs();
    if (ageMs !== null && ageMs > allowedMs) {
      const detail = `the last candle closed ${Math.round(ageMs / 1_000)} s ago, ${allowedMs / 1_000} s are allowed`;
      return { status: 'degraded', detail, ...facts };
    }
    return { status: 'up', ...facts };
  }

  #lastCandleAgeMs(): number | null {
    const stored = [...this.#deps.tracks.values()].flatMap(({ latest }) => (latest === null ? [] : [latest.candle]));
    const times = stored.map(closedAtMs);
    return times.length === 0 ? null : Math.max(0, this.#deps.source.nowMs() - Math.max(...times));
  }

  async #prepare(): Promise<void> {
    const { tracks, source, marketClock } = this.#deps;
    const traded = new Set((await source.instruments()).map(({ symbol }) => symbol));
    const unknown = [...tracks.keys()].filter((symbol) => !traded.has(symbol));
    if (unknown.length > 0) {
      throw new AppError(
        'SYMBOL_UNKNOWN',
        `SYMBOLS names ${unknown.join(', ')}, which the venue does not trade; it trades ${[...traded].slice(0, 20).join(', ')}`,
        { retryable: false },
      );
    }
    await source.syncClock();
    marketClock?.advanceTo(source.nowMs());
    await this.#bringUpAll();
  }

  /** Some at a time, each with a teacher of its own: while one market is learned, another is fetched or stored. */
  async #bringUpAll(): Promise<void> {
    const waiting = [...this.#deps.tracks.values()];
    const lane = async (): Promise<void> => {
      const teacher = new Teacher();
      this.#teachers.add(teacher);
      try {
        for (let track = waiting.shift(); track !== undefined && !this.#isStopped; track = waiting.shift())
          if (!this.#broughtUp.has(track)) {
            await this.#bringUp(track, teacher);
            this.#broughtUp.add(track);
          }
      } finally {
        this.#teachers.delete(teacher);
        await teacher.dismiss();
      }
    };
    const count = Math.min(MAX_LANES, availableParallelism(), Math.ceil(waiting.length / MARKETS_PER_LANE));
    const lanes = Array.from({ length: count }, lane);
    // All of them end before one that failed is told of: what is tried again must not run twice.
    const failed = (await Promise.allSettled(lanes)).find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** From the snapshot and the candles stored after it; or from stored candles alone; or, the first time ever, from the venue's history. */
  async #bringUp(track: MarketTrack, teacher: Teacher): Promise<void> {
    const { candles, regimes, pipeline, source, historyCandles, metrics, logger } = this.#deps;
    const { symbol, interval } = track;
    const snapshot = await regimes.findSnapshot(symbol, interval);
    const fault = snapshot === null ? null : track.restore(snapshot);
    if (fault !== null)
      logger.warn('the saved state is left aside', { code: 'SNAPSHOT_UNUSABLE', symbol, reason: fault });
    const isRestored = snapshot !== null && fault === null;
    const afterMs = isRestored ? snapshot.openTimeMs : -1;
    const limit = isRestored ? Number.MAX_SAFE_INTEGER : Math.max(historyCandles, 1);
    const stored = await candles.listLast({ symbol, interval, afterMs, limit });
    if (isRestored) for (const candle of stored) track.replay(candle);
    else if (stored.length > 0)
      track.relearn(stored, await teacher.teach(track.lessonOf(stored, { tellsEach: false })));
    if (isRestored || stored.length > 0) {
      if (track.latest === null) await this.#recall(track);
      if (track.latest !== null) metrics.current.set(track.latest.regime.id, { symbol, interval });
      logger.info('continuing', { symbol, fromSnapshot: isRestored, replayed: stored.length });
      return;
    }
    const endMs = formingOpenTimeMs(source.nowMs(), INTERVAL_MS[interval]);
    const startMs = Math.max(0, endMs - historyCandles * INTERVAL_MS[interval]);
    const history = startMs < endMs ? await source.candles({ symbol, interval, startMs, endMs }) : [];
    if (history.length > 0) {
      const lesson = await teacher.teach(track.lessonOf(history, { tellsEach: true }));
      await pipeline.warmUp(track, track.takeLesson(history, lesson));
    }
    logger.info('warmed up', { symbol, candles: history.length });
  }

  /** When the snapshot is of the newest candle itself, what was said about it is read, not computed. */
  async #recall(track: MarketTrack): Promise<void> {
    const { symbol, interval } = track;
    const [candle] = await this.#deps.candles.listLast({ symbol, interval, limit: 1 });
    const [record] = await this.#deps.regimes.listLast({ symbol, interval, limit: 1 });
    if (candle !== undefined && record?.openTimeMs === candle.openTimeMs)
      track.latest = { ...record, detail: record.detail ?? null, alerts: [], candle, origin: candle.origin };
  }

  async #open(): Promise<void> {
    const { tracks, interval, source, pipeline, marketClock, lateAfterMs, logger } = this.#deps;
    this.#stream = await source.openMarketStream({
      symbols: [...tracks.keys()],
      interval,
      handlers: {
        onCandle: (candle) => {
          const closed = closedAtMs(candle);
          if (closed > source.nowMs() + MAX_AHEAD_MS) {
            // Taken in, it would make every true candle after it a known one. If it is this clock that is wrong, the catch-up sets it.
            const { symbol, openTimeMs } = candle;
            this.#deps.metrics.errors.inc({ code: 'CANDLE_FROM_FUTURE' });
            logger.warn('candle refused', { code: 'CANDLE_FROM_FUTURE', symbol, openTimeMs });
            pipeline.catchUp();
            return;
          }
          marketClock?.advanceTo(closed);
          this.#lastCandleLagMs = Math.max(0, source.nowMs() - closed);
          tracks.get(candle.symbol)?.quality.streamed(this.#lastCandleLagMs, lateAfterMs());
          pipeline.accept(candle);
        },
        onMark: ({ occurredAtMs }) => marketClock?.advanceTo(occurredAtMs),
        onOpened: () => {
          this.#lostBecause = null;
          pipeline.catchUp();
        },
        onLost: (reason) => {
          this.#lostBecause = reason;
          logger.warn('market stream lost', { code: 'STREAM_LOST', reason });
        },
      },
    });
  }
}
