import { type EngineRun, MARGINAL_COLUMNS, PROSPECT_COLUMNS } from './engine-run.ts';
import { fitHar, harForecast } from './har.ts';
import type { FeatureRows } from './jump-model.ts';
import { besideEachOther } from './readout-features.ts';
import type { RealSeries } from './real-series.ts';
import { leveled, rangeAt, squareAt, type VarianceForecast, WARM_CANDLES } from './volatility-forecasts.ts';
import { foldsOf } from './walk-forward.ts';

/** Far longer than HAR's own 22: what a slow level alone adds. */
const LONG_CANDLES = 100;
const LEAST_RANGE = 1e-6;

/** Returns log ranges; of a candle that did not move, the last one that did. */
const logRangesOf = ({ ranges }: RealSeries): Float64Array => {
  let last = Math.log(LEAST_RANGE);
  return ranges.map((range) => {
    if (range > 0) last = Math.log(range);
    return last;
  });
};

/** Returns the mean log range of the last 100 candles, of those there are. */
const longAverage = (logRanges: Float64Array): FeatureRows => {
  let sum = 0;
  const values = logRanges.map((value, index) => {
    sum += value - (index < LONG_CANDLES ? 0 : (logRanges[index - LONG_CANDLES] ?? 0));
    return sum / Math.min(LONG_CANDLES, index + 1);
  });
  return { values, width: 1 };
};

/** Returns what the engine says that may bear on volatility: medium and high level, mean reversion, a change within ten candles. */
const engineColumns = ({ marginals, prospects }: EngineRun): FeatureRows => {
  const length = marginals.length / MARGINAL_COLUMNS;
  const values = Float64Array.from({ length: 4 * length }, (_, at) => {
    const index = Math.floor(at / 4);
    const columns = [1, 2, MARGINAL_COLUMNS - 1].map((column) => marginals[index * MARGINAL_COLUMNS + column] ?? 0);
    return [...columns, prospects[index * PROSPECT_COLUMNS + 1] ?? 0][at % 4] ?? 0;
  });
  return { values, width: 4 };
};

/** Fits HAR on log ranges anew at each fold on all candles before it, with `beside` as further regressors. */
const harForecastOf = (series: RealSeries, name: string, beside: FeatureRows | null): VarianceForecast => {
  const inputs = { values: logRangesOf(series), beside };
  const raw = new Float64Array(inputs.values.length);
  for (const [fold, { from, to }] of foldsOf(raw.length).entries()) {
    const model = fitHar(inputs, 1, from);
    for (let index = fold === 0 ? WARM_CANDLES : from; index < to; index += 1) {
      raw[index] = Math.exp(2 * harForecast(model, inputs, index - 1));
    }
  }
  return { name, ofReturn: leveled(raw, squareAt(series)), ofRange: leveled(raw, rangeAt(series)) };
};

/** HAR on log ranges. */
export const harRangeForecast = (series: RealSeries): VarianceForecast =>
  harForecastOf(series, 'HAR of log range', null);

/** HAR with a longer average; with what the engine says; and with both, which tells whether the regime is more than a slow level. */
export const enlargedHarForecasts = (series: RealSeries, run: EngineRun): VarianceForecast[] => {
  const long = longAverage(logRangesOf(series));
  const engine = engineColumns(run);
  return [
    harForecastOf(series, 'HAR, 100', long),
    harForecastOf(series, 'HAR, engine', engine),
    harForecastOf(series, 'HAR, 100, engine', besideEachOther(long, engine)),
  ];
};
