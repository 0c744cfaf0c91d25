import {
  createDatabase,
  type EndedRegimeTask,
  type RegimeDay,
  type RegimePattern,
  RegimePatternRepository,
  RegimeReportRepository,
  type RegimeShare,
  RegimeTaskRepository,
  type TransitionCount,
} from '@qt/database';
import { askJson, recordAt } from '../suite-view.ts';
import { MetricsPage } from './metrics-page.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const MOST_TASKS = 5_000;
const DEADLINE_MS = 1_500;

export interface MarketFigures {
  readonly symbol: string;
  readonly interval: string;
  readonly candles: number;
  readonly days: readonly RegimeDay[];
  readonly shares: readonly RegimeShare[];
  readonly transitions: readonly TransitionCount[];
  /** Changes that went back within 10 candles. */
  readonly undone: number;
  /** The newest finding of each kind that the analyzer of history has stored. */
  readonly patterns: readonly RegimePattern[];
}

/** Of the running process; since it began, not since the week did. */
export interface ProcessFigures {
  readonly uptimeSeconds: number | null;
  /** Bounds of the buckets in which the quantiles lie, seconds. */
  readonly detectionP50Seconds: number | null;
  readonly detectionP99Seconds: number | null;
  readonly errorsByCode: Readonly<Record<string, number>>;
  readonly requests: number | null;
  readonly memoryBytes: number | null;
  readonly cpuRatio: number | null;
  readonly queuedTasks: number | null;
  /** What `performance_feedback` measures of itself; null where the service does not tell. */
  readonly feedback: Readonly<Record<string, unknown>> | null;
}

export interface WeeklyFigures {
  readonly fromMs: number;
  readonly toMs: number;
  readonly markets: readonly MarketFigures[];
  readonly tasks: readonly EndedRegimeTask[];
  /** Null when no service answers. */
  readonly process: ProcessFigures | null;
}

const marketFigures = async (
  reports: RegimeReportRepository,
  patterns: RegimePatternRepository,
  market: {
    readonly symbol: string;
    readonly interval: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly candles: number;
  },
): Promise<MarketFigures> => {
  const { symbol, interval, candles } = market;
  return {
    symbol,
    interval,
    candles,
    days: await reports.listDays(market),
    shares: await reports.listShares(market),
    transitions: await reports.listTransitionCounts(market),
    undone: await reports.countUndone(market),
    patterns: await patterns.listNewest(market),
  };
};

/** Reads what is stored of the seven days before a time, of one market or of all. Throws: POSTGRES_UNREACHABLE, POSTGRES_SCHEMA_BEHIND. */
export const storedFigures = async (query: {
  readonly databaseUrl: string;
  /** Exclusive; null: up to the newest candle there is, which in a replay or at 60 times real time is not the wall's now. */
  readonly untilMs: number | null;
  readonly nowMs: number;
  readonly symbol: string | undefined;
}): Promise<Omit<WeeklyFigures, 'process'>> => {
  const { databaseUrl, untilMs, nowMs, symbol } = query;
  const database = createDatabase({ url: databaseUrl, applicationName: 'qt-regime-report', maxConnections: 2 });
  try {
    await database.start();
    const reports = new RegimeReportRepository(database);
    const patterns = new RegimePatternRepository(database);
    const newestMs = untilMs === null ? await reports.newestOpenTimeMs() : null;
    const toMs = untilMs ?? (newestMs === null ? nowMs : newestMs + 1);
    const fromMs = toMs - WEEK_MS;
    const known = await reports.listMarkets({ fromMs, toMs });
    const markets: MarketFigures[] = [];
    for (const market of known)
      if (symbol === undefined || market.symbol === symbol.toUpperCase())
        markets.push(await marketFigures(reports, patterns, { ...market, fromMs, toMs }));
    const tasks = await new RegimeTaskRepository(database).listEnded({
      sinceMs: Math.min(fromMs, nowMs - WEEK_MS),
      limit: MOST_TASKS,
    });
    return { fromMs, toMs, markets, tasks };
  } finally {
    await database.stop();
  }
};

/** Asks the running service for its figures; null when none answers. */
export const processFigures = async (address: string): Promise<ProcessFigures | null> => {
  const [text, feedback] = await Promise.all([
    fetch(`${address}/metrics`, { signal: AbortSignal.timeout(DEADLINE_MS) })
      .then((response) => (response.ok ? response.text() : null))
      .catch(() => null), // down: the report says so
    askJson(`${address}/api/v1/components/performance_feedback`),
  ]);
  if (text === null) return null;
  const page = new MetricsPage(text);
  const metrics = recordAt(feedback, 'metrics');
  return {
    uptimeSeconds: page.value('regime_uptime_seconds'),
    detectionP50Seconds: page.quantileBound('regime_detection_latency_seconds', 0.5),
    detectionP99Seconds: page.quantileBound('regime_detection_latency_seconds', 0.99),
    errorsByCode: page.by('regime_errors_total', 'code'),
    requests: page.value('regime_requests_total'),
    memoryBytes: page.value('regime_memory_usage_bytes'),
    cpuRatio: page.value('regime_cpu_usage_ratio'),
    queuedTasks: page.value('regime_task_queue_size'),
    feedback: Object.keys(metrics).length === 0 ? null : metrics,
  };
};
