import type { Candle } from '@qt/contracts';
import { BaseDetector } from '../src/base-detector.ts';
import type { Observation } from '../src/likelihood-filter.ts';
import { REGIME_COUNT } from '../src/regime-fold.ts';
import type { BaseView } from '../src/scoring/scoring-method.ts';
import { syntheticMarket } from './synthetic-market.ts';

/** One candle of a market as learners see it, with the regime that is true. */
export interface LearnerStep {
  readonly observation: Observation;
  readonly base: BaseView;
  readonly regimeId: number;
}

const START_CANDLES = 100;

const observationOf = (candle: Candle, last: Candle | null, previousLogReturn: number): Observation => {
  const range = Math.log(Number(candle.high) / Number(candle.low));
  return {
    logReturn: Math.log(Number(candle.close) / Number(last?.close ?? candle.open)),
    previousLogReturn,
    logRange: range > 0 ? Math.log(range) : null,
    elapsedCandles: 1,
  };
};

/** Turns candles into observations. */
export const observationsOf = (candles: readonly Candle[]): readonly Observation[] => {
  const observations: Observation[] = [];
  candles.forEach((candle, index) => {
    observations.push(observationOf(candle, candles[index - 1] ?? null, observations.at(-1)?.logReturn ?? 0));
  });
  return observations;
};

/** Prices mirrored: every rise a fall of the same size. */
export const mirrored = (observations: readonly Observation[]): readonly Observation[] =>
  observations.map((observation) => ({
    ...observation,
    logReturn: -observation.logReturn,
    previousLogReturn: -observation.previousLogReturn,
  }));

/** What the base detector says along a market: each step's view is a copy of its own. */
export const baseViewsOf = (observations: readonly Observation[]): readonly BaseView[] => {
  const base = new BaseDetector();
  // Started before the first step, so that every step has levels.
  for (const observation of observations.slice(0, START_CANDLES)) base.update(observation);
  return observations.map((observation) => {
    base.update(observation);
    const posterior = Float64Array.from(base.posterior);
    const scales = [base.returnScale(0), base.returnScale(1), base.returnScale(2)];
    return {
      posterior,
      logDensity: -Math.abs(observation.logReturn) / (scales[1] ?? 1) - Math.log(scales[1] ?? 1),
      levelDoubt: 0,
      returnScale: (volatility: number) => scales[volatility] ?? 0,
      driftMild: 0.33,
      driftStrong: 0.8,
      arTrending: 0.18,
      arReverting: -0.45,
    };
  });
};

/** A synthetic market as learners see it. */
export const learnerSteps = (seed: number, candles: number): readonly LearnerStep[] => {
  const market = syntheticMarket({ seed, candles, durationCandles: 200 });
  const observations = observationsOf(market.map(({ candle }) => candle));
  const views = baseViewsOf(observations);
  return observations.map((observation, index) => ({
    observation,
    base: views[index]!,
    regimeId: market[index]!.regimeId,
  }));
};

/** A teacher that knows the true regime, nearly for sure. */
export const teacherOf = (regimeId: number): Float64Array => {
  const teacher = new Float64Array(REGIME_COUNT).fill(0.1 / (REGIME_COUNT - 1));
  teacher[regimeId] = 0.9;
  return teacher;
};
