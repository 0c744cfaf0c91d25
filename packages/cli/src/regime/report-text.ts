import Table from 'cli-table3';
import { regimeOf } from '@qt/regime';
import type { MarketFigures, ProcessFigures, WeeklyFigures } from './report-figures.ts';

const MEGABYTE = 2 ** 20;
const SHOWN_TRANSITIONS = 8;
const SHOWN_FAILURES = 5;

const share = (ratio: number | null): string => (ratio === null ? '-' : `${(100 * ratio).toFixed(1)} %`);
const nameOf = (id: number): string => regimeOf(id, 'neutral', 0).name;
const milliseconds = (seconds: number | null): string => {
  if (seconds === null) return 'nothing measured yet';
  return Number.isFinite(seconds) ? `at most ${+(seconds * 1_000).toFixed(3)} ms` : 'more than 1 s';
};

const tableOf = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  return table.toString();
};

const daysTable = ({ days }: MarketFigures): string =>
  tableOf(
    [
      'day (UTC)',
      'candles',
      'ready',
      'probability',
      'agreement',
      'stability',
      'changes',
      'change in 10: said',
      'happened',
    ],
    days.map((day) => [
      day.day,
      day.candles,
      share(day.readyRatio),
      share(day.meanProbability),
      share(day.meanAgreementRatio),
      day.meanStabilityRatio?.toFixed(2) ?? '-',
      day.changes,
      share(day.meanChangeWithin10Probability),
      share(day.changedWithin10Ratio),
    ]),
  );

const marketLines = (market: MarketFigures): readonly string[] => {
  const { symbol, interval, candles, shares, transitions, undone, patterns } = market;
  const changes = transitions.reduce((sum, { count }) => sum + count, 0);
  const perThousand = candles === 0 ? 0 : (1_000 * changes) / candles;
  const comparison = patterns.find(({ kind }) => kind === 'matrix_comparison');
  const analyzed = patterns[0];
  return [
    '',
    `${symbol} ${interval}: ${candles} candles`,
    daysTable(market),
    tableOf(
      ['regime', 'share of time'],
      shares.map(({ regimeId, name, ratio }) => [`${regimeId} ${name}`, share(ratio)]),
    ),
    `${changes} change${changes === 1 ? '' : 's'}, ${perThousand.toFixed(1)} per 1000 candles; ${undone} (${share(changes === 0 ? null : undone / changes)}) went back within 10 candles`,
    ...(changes === 0
      ? []
      : [
          tableOf(
            ['from', 'to', 'times', 'left after, mean'],
            transitions
              .slice(0, SHOWN_TRANSITIONS)
              .map(({ fromRegimeId, toRegimeId, count, meanLeftDwellCandles }) => [
                `${fromRegimeId} ${nameOf(fromRegimeId)}`,
                `${toRegimeId} ${nameOf(toRegimeId)}`,
                count,
                meanLeftDwellCandles === null ? '-' : `${meanLeftDwellCandles.toFixed(1)} candles`,
              ]),
          ),
        ]),
    analyzed === undefined
      ? 'history has not been analyzed yet'
      : `history last analyzed for ${new Date(analyzed.analyzedAtMs).toISOString()} over ${analyzed.candles} candles` +
        (comparison === undefined ? ', without a live matrix to compare with' : ''),
  ];
};

/** What is said of the engine's own figures, in the order shown; ratios are shares of candles. */
const FEEDBACK_FIGURES: readonly (readonly [name: string, label: string, isShare: boolean])[] = [
  ['labels', 'candles judged', false],
  ['agreement', 'published regime agrees', true],
  ['constant_regime_agreement', 'naming one regime always would agree', true],
  ['volatility_agreement', 'its volatility agrees', true],
  ['trend_agreement', 'its trend agrees', true],
  ['structure_agreement', 'its structure agrees', true],
  ['precision', 'precision, mean over regimes', true],
  ['recall', 'recall, mean over regimes', true],
  ['changes_per1000', 'changes per 1000 candles', false],
  ['log_loss', 'log loss, nats per candle', false],
  ['calibration_error', 'calibration error', true],
];

const feedbackLines = (feedback: ProcessFigures['feedback']): readonly string[] => {
  const measured = FEEDBACK_FIGURES.flatMap(([name, label, isShare]) => {
    const value = feedback?.[name];
    if (typeof value !== 'number') return [];
    return [`    ${label}: ${isShare ? share(value) : String(+value.toFixed(3))}`];
  });
  if (measured.length === 0) return ['  accuracy: the service tells no figures of its own'];
  return [
    '  accuracy, as the engine measures it: what it published against what it says of the same candles in hindsight',
    '  (nobody knows the true regime; the newest 1000 candles count half)',
    ...measured,
  ];
};

const processLines = (figures: ProcessFigures | null): readonly string[] => {
  if (figures === null)
    return ['', 'Service: does not answer; latency, errors and resources are missing from this report'];
  const { uptimeSeconds, errorsByCode, requests, memoryBytes, cpuRatio, queuedTasks, feedback } = figures;
  const errors = Object.entries(errorsByCode).toSorted(([, one], [, other]) => other - one);
  const hours = uptimeSeconds === null ? '?' : (uptimeSeconds / 3_600).toFixed(1);
  return [
    '',
    `Service, since it began ${hours} hours ago (not since the week began):`,
    `  candle to commit: p50 ${milliseconds(figures.detectionP50Seconds)}, p99 ${milliseconds(figures.detectionP99Seconds)}`,
    `  requests: ${requests ?? 'none counted'}`,
    `  errors: ${errors.length === 0 ? 'none' : errors.map(([code, count]) => `${code} ${count}`).join(', ')}`,
    `  memory ${memoryBytes === null ? '?' : `${(memoryBytes / MEGABYTE).toFixed(0)} MB`}, processors ${share(cpuRatio)} busy, ${queuedTasks ?? '?'} tasks wait`,
    ...feedbackLines(feedback),
  ];
};

const taskLines = ({ tasks }: WeeklyFigures): readonly string[] => {
  const counts = new Map<string, number>();
  for (const { kind, outcome } of tasks) counts.set(`${kind} ${outcome}`, (counts.get(`${kind} ${outcome}`) ?? 0) + 1);
  const dead = tasks.filter(({ outcome }) => outcome === 'dead');
  return [
    '',
    `Tasks: ${tasks.length === 0 ? 'none ended' : [...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    ...dead
      .slice(0, SHOWN_FAILURES)
      .map(({ taskId, detail }) => `  failed for good: ${taskId}: ${String((detail as { error?: unknown }).error)}`),
  ];
};

/** Returns the report in lines to read. */
export const reportText = (figures: WeeklyFigures): readonly string[] => {
  const { fromMs, toMs, markets } = figures;
  return [
    `Regimes from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`,
    ...(markets.length === 0 ? ['', 'no candle was classified in this time'] : markets.flatMap(marketLines)),
    ...processLines(figures.process),
    ...taskLines(figures),
  ];
};
