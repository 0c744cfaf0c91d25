import { INTERVAL_MS, type Interval } from '@qt/contracts';
import type { RegimePattern, RegimePatternKind } from '@qt/database';
import type { ComponentCheck, Logger } from '@qt/service-kit';
import { z } from 'zod';
import { AFTERMATH_CANDLES } from './analysis/aftermath.ts';
import { HistoryStatistics } from './analysis/history-statistics.ts';
import { compareMatrices, type MatrixComparison } from './analysis/matrix-comparison.ts';
import type { HistoryWalk, JobView, PatternStore } from './ports.ts';
import type { TaskRequest } from './task-request.ts';

export interface HistoricalAnalyzerDeps {
  readonly symbols: readonly string[];
  readonly interval: Interval;
  readonly walk: HistoryWalk;
  readonly patterns: PatternStore;
  /** What `transition_matrix_analyzer` of a market's engine shows now; null where there is none yet. */
  readonly liveMatrixView: (symbol: string) => { readonly debug: Readonly<Record<string, unknown>> } | null;
  /** How far back it is looked. */
  readonly lookbackMs: number;
  /** Distance of the two matrices from which on they are called different. */
  readonly distanceThreshold: number;
  readonly logger: Logger;
}

/** What was found about one market. */
interface Finding {
  readonly symbol: string;
  readonly analyzedAtMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly candles: number;
  readonly holes: number;
  readonly comparison: MatrixComparison | null;
}

/** One page is about a millisecond of work: no candle waits longer for the thread. */
const PAGE_CANDLES = 1_000;
const LiveMatrix = z.object({
  matrix: z.array(z.array(z.number()).length(18)).length(18),
  options: z.object({ priorCount: z.number().positive() }).partial().optional(),
});
const DEFAULT_PRIOR_COUNT = 0.5;

/** Looks at the stored history of each market once a day: durations, transitions, times, sequences, and what followed. */
export class HistoricalAnalyzer {
  readonly name = 'historical_analyzer';
  readonly #deps: HistoricalAnalyzerDeps;
  readonly #findings = new Map<string, Finding>();
  #lastFault: string | null = null;
  #isRunning = false;

  constructor(deps: HistoricalAnalyzerDeps) {
    this.#deps = deps;
  }

  /**
   * Looks at one market or at all of them, up to the moment the request stands for, and saves what it found. Done again for the same moment it
   * finds the same and replaces it. Throws what the stores throw.
   */
  async analyze({ symbol, slotMs }: Pick<TaskRequest, 'symbol' | 'slotMs'>): Promise<object> {
    const symbols = symbol === null ? this.#deps.symbols : [symbol];
    this.#isRunning = true;
    try {
      const candles: Record<string, number> = {};
      for (const one of symbols) candles[one] = await this.#analyzeMarket(one, slotMs);
      this.#lastFault = null;
      return { candles };
    } catch (error) {
      this.#lastFault = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      this.#isRunning = false;
    }
  }

  check(): ComponentCheck {
    if (this.#lastFault !== null)
      return { status: 'degraded', detail: `the last look at history failed: ${this.#lastFault}` };
    const unusual = [...this.#findings.values()].filter(({ comparison }) => comparison?.isUnusual);
    if (unusual.length === 0) return { status: 'up' };
    return { status: 'degraded', detail: unusual.map((finding) => this.#sentenceOf(finding)).join('; ') };
  }

  /** As the registry of components wants it. */
  look(): JobView {
    const { status, detail } = this.check();
    const findings = [...this.#findings.values()];
    const distances = findings.map(({ comparison }) => comparison?.distanceRatio ?? 0);
    return {
      state: status === 'up' ? 'running' : 'degraded',
      ...(detail === undefined ? {} : { detail }),
      metrics: {
        is_running: this.#isRunning ? 1 : 0,
        markets_analyzed: findings.length,
        candles_analyzed: findings.reduce((total, { candles }) => total + candles, 0),
        last_analysis_ms: findings.length === 0 ? null : Math.max(...findings.map(({ analyzedAtMs }) => analyzedAtMs)),
        largest_matrix_distance: findings.length === 0 ? null : Math.max(...distances),
      },
    };
  }

  /** The findings of this process's life, and what is stored of earlier ones. */
  async debug(): Promise<object> {
    const { symbols, interval, patterns, lookbackMs, distanceThreshold } = this.#deps;
    const stored: Record<string, readonly RegimePattern[]> = {};
    for (const symbol of symbols) stored[symbol] = await patterns.listNewest({ symbol, interval });
    return { lookbackMs, distanceThreshold, findings: [...this.#findings.values()], stored };
  }

  async #analyzeMarket(symbol: string, slotMs: number | null): Promise<number> {
    const { interval, walk, patterns, lookbackMs } = this.#deps;
    const statistics = new HistoryStatistics(INTERVAL_MS[interval]);
    const toMs = slotMs ?? Number.MAX_SAFE_INTEGER;
    // Without a moment given, the whole history is walked through: nothing says where its end is before it is reached.
    const fromMs = slotMs === null ? 0 : Math.max(0, slotMs - lookbackMs);
    for await (const page of walk.pages({ symbol, interval, fromMs, toMs }, PAGE_CANDLES))
      for (const candle of page) statistics.add(candle);
    const { span, candles, holes } = statistics;
    if (span === null) return 0;

    const analyzedAtMs = slotMs ?? span.toMs + INTERVAL_MS[interval];
    const comparison = this.#compare(symbol, statistics);
    const finding: Finding = { symbol, analyzedAtMs, ...span, candles, holes, comparison };
    await patterns.save(patternsOf(finding, interval, statistics));
    this.#findings.set(symbol, finding);
    if (comparison?.isUnusual)
      this.#deps.logger.warn('history and the live matrix differ', {
        code: 'TRANSITIONS_DIFFER',
        symbol,
        reason: this.#sentenceOf(finding),
      });
    return candles;
  }

  #compare(symbol: string, { transitions }: HistoryStatistics): MatrixComparison | null {
    const view = this.#deps.liveMatrixView(symbol);
    const live = LiveMatrix.safeParse(view?.debug);
    if (!live.success) return null;
    const priorCount = live.data.options?.priorCount ?? DEFAULT_PRIOR_COUNT;
    return compareMatrices({
      history: transitions,
      live: live.data.matrix,
      priorCount,
      threshold: this.#deps.distanceThreshold,
    });
  }

  #sentenceOf({ symbol, comparison }: Finding): string {
    const { distanceRatio, chanceDistanceRatio, largestDifferences } = comparison ?? {};
    const [largest] = largestDifferences ?? [];
    const example =
      largest === undefined
        ? ''
        : `; most from regime ${largest.from} to ${largest.to}: ${largest.historyProbability.toFixed(3)} in history, ${largest.liveProbability.toFixed(3)} live`;
    return (
      `${symbol}: transitions of the history are ${(distanceRatio ?? 0).toFixed(3)} away from the live matrix, ` +
      `${this.#deps.distanceThreshold} are allowed and chance makes ${(chanceDistanceRatio ?? 0).toFixed(3)}${example}`
    );
  }
}

const patternsOf = (finding: Finding, interval: Interval, statistics: HistoryStatistics): readonly RegimePattern[] => {
  const { symbol, analyzedAtMs, fromMs, toMs, candles, holes, comparison } = finding;
  const { durations, transitions, timeProfile, sequences, aftermath } = statistics;
  const found: Partial<Record<RegimePatternKind, object>> = {
    durations: { holes, regimes: durations.result() },
    transitions: { counts: transitions.rows(), matrix: transitions.matrix() },
    time_profile: timeProfile.result(),
    sequences: { sequences: sequences.result() },
    aftermath: { aheadCandles: AFTERMATH_CANDLES, regimes: aftermath.result() },
    ...(comparison === null ? {} : { matrix_comparison: comparison }),
  };
  return Object.entries(found).map(([kind, pattern]) => ({
    symbol,
    interval,
    kind: kind as RegimePatternKind,
    analyzedAtMs,
    fromMs,
    toMs,
    candles,
    pattern,
  }));
};
