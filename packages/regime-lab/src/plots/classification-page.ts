import { REGIME_COUNT } from '@qt/regime';
import { element } from './markup.ts';
import { figure, legend, page, table } from './page.ts';
import { regimeLabel } from './regime-colors.ts';
import { shareText } from './scale.ts';
import { timelinePlot, timeOfBucket } from './timeline-plot.ts';
import type { TimelineBucket } from './timeline-sketch.ts';

/** What a run over a candle file found. */
export interface ClassificationFacts {
  /** The market's name. */
  readonly symbol: string;
  readonly interval: string;
  readonly candles: number;
  readonly changes: number;
  readonly gaps: number;
  /** Shape: 18, by regime id; candles. */
  readonly candlesByRegime: readonly number[];
  readonly refusals: readonly {
    readonly code: string;
    readonly count: number;
    readonly firstLines: readonly number[];
  }[];
  readonly buckets: readonly TimelineBucket[];
}

/** Returns a page about a classified file: price over regimes, shares of time, what was refused. */
export const classificationPage = (facts: ClassificationFacts): string => {
  const { symbol, interval, candles, changes, gaps, candlesByRegime, refusals, buckets } = facts;
  const shares = Array.from({ length: REGIME_COUNT }, (_, id) => (candlesByRegime[id] ?? 0) / Math.max(1, candles));
  const minuteOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
  const title = `${symbol} ${interval}: regimes`;
  const order = shares.map((share, id) => ({ share, id })).filter(({ share }) => share > 0);
  order.sort((left, right) => right.share - left.share);
  return page(
    title,
    element(
      'p',
      { class: 'quiet' },
      `${candles} candles from ${minuteOf(buckets[0]?.openTimeMs ?? 0)} UTC. Each was classified from itself and those before it.`,
    ),
    element(
      'section',
      {},
      element('h2', {}, 'Price, colored by the published regime'),
      figure(
        'Hue: trend, or mean-reverting. Depth: volatility.',
        timelinePlot({
          title: `${title} over time`,
          buckets,
          regimeIds: buckets.map(({ regimeId }) => regimeId),
          strips: [],
          placeText: timeOfBucket(buckets),
        }),
      ),
      legend(shares),
    ),
    element(
      'section',
      {},
      element('h2', {}, 'Share of time'),
      table(
        ['regime', 'id', 'candles', 'share'],
        order.map(({ share, id }) => [regimeLabel(id), String(id), String(candlesByRegime[id] ?? 0), shareText(share)]),
      ),
      element(
        'p',
        {},
        `${changes} changes of regime, ${((1_000 * changes) / Math.max(1, candles)).toFixed(1)} per 1000 candles; ${gaps} gaps in time.`,
      ),
    ),
    element(
      'section',
      {},
      element('h2', {}, 'Refused candles'),
      refusals.length === 0
        ? element('p', {}, 'None.')
        : table(
            ['code', 'candles', 'first lines'],
            refusals.map(({ code, count, firstLines }) => [code, String(count), firstLines.join(', ')]),
          ),
    ),
  );
};
