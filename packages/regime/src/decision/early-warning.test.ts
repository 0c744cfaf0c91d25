import { beforeAll, describe, expect, it } from '@jest/globals';
import { hindsightOf } from '../../test/hindsight.ts';
import { type AnnouncedMarket, announcedMarket, posteriorsOf } from '../../test/announced-market.ts';
import {
  type ChangeProbabilities,
  EarlyWarning,
  type EarlyWarningInput,
  type EarlyWarningState,
} from './early-warning.ts';
import { TransitionDecider } from './transition-decider.ts';

const CANDLES = 10_000;
const FROM = 4_000;
const LAG = 20;

const inputsOf = ({ observations }: AnnouncedMarket): readonly EarlyWarningInput[] => {
  const posteriors = posteriorsOf(observations);
  const hindsight = hindsightOf(posteriors, LAG);
  const decider = new TransitionDecider(8);
  return observations.map((observation, index) => {
    const posterior = posteriors[index]!;
    const { dwellCandles } = decider.update({ posterior });
    const smoothed = hindsight[index] ?? null;
    return { observation, posterior, dwellCandles, agreementRatio: 0.9, shortRunProbability: null, smoothed };
  });
};
const warnings = (inputs: readonly EarlyWarningInput[], warning = new EarlyWarning()): readonly ChangeProbabilities[] =>
  inputs.map((input) => warning.update(input));

/** What was said of each candle, and whether the true regime changed strictly after it within the horizon. */
const forecastsOf = (market: AnnouncedMarket, said: readonly ChangeProbabilities[], horizon: 10 | 30) => {
  const { regimeIds } = market;
  const happens = new Uint8Array(regimeIds.length);
  let next = Number.POSITIVE_INFINITY;
  for (let at = regimeIds.length - 1; at > 0; at -= 1) {
    happens[at] = next - at <= horizon ? 1 : 0;
    if (regimeIds[at] !== regimeIds[at - 1]) next = at;
  }
  return said.slice(FROM, regimeIds.length - horizon).map((probabilities, index) => ({
    probability: horizon === 10 ? probabilities.changeWithin10Probability : probabilities.changeWithin30Probability,
    happens: happens[FROM + index] === 1,
  }));
};
type Forecasts = ReturnType<typeof forecastsOf>;

/** Probability that a candle before a change was given more than one that was not. */
const areaUnderCurveOf = (forecasts: Forecasts): number => {
  const sorted = forecasts.toSorted((left, right) => left.probability - right.probability);
  let rankSum = 0;
  sorted.forEach(({ happens }, index) => {
    if (happens) rankSum += index + 1;
  });
  const positives = forecasts.filter(({ happens }) => happens).length;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (forecasts.length - positives));
};
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('EarlyWarning', () => {
  const SEEDS = [1, 2, 3];
  const said = { memoryless: { 10: [], 30: [] }, precursors: { 10: [], 30: [] } } as Record<
    'memoryless' | 'precursors',
    Record<10 | 30, Forecasts[]>
  >;
  beforeAll(() => {
    for (const hasPrecursors of [false, true]) {
      for (const seed of SEEDS) {
        const market = announcedMarket({ seed, candles: CANDLES, hasPrecursors });
        const made = warnings(inputsOf(market));
        const kept = said[hasPrecursors ? 'precursors' : 'memoryless'];
        kept[10].push(forecastsOf(market, made, 10));
        kept[30].push(forecastsOf(market, made, 30));
      }
    }
  });

  it.each([10, 30] as const)('has no skill within %i candles where changes have no memory', (horizon) => {
    const area = meanOf(said.memoryless[horizon].map(areaUnderCurveOf));
    process.stdout.write(`early warning, memoryless, ${horizon} candles: AUC ${area.toFixed(3)}\n`);
    expect(Math.abs(area - 0.5)).toBeLessThan(0.08);
  });

  it.each([10, 30] as const)('is calibrated within %i candles where changes have no memory', (horizon) => {
    // There the probability is known exactly, at every candle.
    const exact = 1 - (1 - 1 / 300) ** horizon;
    const ratios = said.memoryless[horizon].flat().map(({ probability }) => probability / exact);
    process.stdout.write(`early warning, memoryless, ${horizon} candles: said / true ${meanOf(ratios).toFixed(3)}\n`);
    expect(Math.abs(meanOf(ratios) - 1)).toBeLessThan(0.15);
    // Some thirty changes per market are all there is to learn the rate from: their number alone varies by a fifth.
    expect(meanOf(ratios.map((ratio) => Math.abs(ratio - 1)))).toBeLessThan(0.35);
    // Hardly anybody is told of a likely change that is none.
    expect(meanOf(ratios.map((ratio) => (ratio > 4 ? 1 : 0)))).toBeLessThan(0.005);
  });

  it.each([10, 30] as const)(
    'warns within %i candles where age, volatility and autocorrelation announce changes',
    (horizon) => {
      const area = meanOf(said.precursors[horizon].map(areaUnderCurveOf));
      process.stdout.write(`early warning, precursors, ${horizon} candles: AUC ${area.toFixed(3)}\n`);
      expect(area).toBeGreaterThan(0.6);
    },
  );

  it('has what it says come true more often the higher it is', () => {
    const sorted = said.precursors[10].flat().toSorted((left, right) => left.probability - right.probability);
    const third = Math.floor(sorted.length / 3);
    const shares = [0, 1, 2].map((part) =>
      meanOf(sorted.slice(part * third, (part + 1) * third).map(({ happens }) => (happens ? 1 : 0))),
    );
    expect(shares[1]).toBeGreaterThan(shares[0]!);
    expect(shares[2]).toBeGreaterThan(2 * shares[1]!);
  });

  it('starts at the prior rate, and never says less for 30 candles than for 10', () => {
    const warning = new EarlyWarning();
    const [first] = warnings(inputsOf(announcedMarket({ seed: 4, candles: 300 })), warning);
    expect(first!.changeWithin10Probability).toBeCloseTo(1 - (1 - 1 / 300) ** 10, 9);
    for (const forecast of said.precursors[10]) expect(forecast.every(({ probability }) => probability > 0)).toBe(true);
    for (const { changeWithin10Probability, changeWithin30Probability } of warnings(
      inputsOf(announcedMarket({ seed: 5, candles: 1_000, hasPrecursors: true })),
    )) {
      expect(changeWithin30Probability).toBeGreaterThanOrEqual(changeWithin10Probability);
      expect(changeWithin30Probability).toBeLessThan(1);
    }
  });

  it('says the same in a mirrored market', () => {
    const mirrorOf = (id: number): number => (id % 6 === 5 ? id : id - (id % 6) + (4 - (id % 6)));
    const mirrored = (posterior: Float64Array): Float64Array => posterior.map((_, id) => posterior[mirrorOf(id)]!);
    const inputs = inputsOf(announcedMarket({ seed: 6, candles: 1_000 }));
    const reflected = inputs.map((input) => ({
      ...input,
      observation: {
        ...input.observation,
        logReturn: -input.observation.logReturn,
        previousLogReturn: -input.observation.previousLogReturn,
      },
      posterior: mirrored(input.posterior),
      smoothed: input.smoothed === null ? null : mirrored(input.smoothed),
    }));
    const other = warnings(reflected);
    warnings(inputs).forEach(({ changeWithin10Probability }, index) => {
      expect(other[index]!.changeWithin10Probability).toBeCloseTo(changeWithin10Probability, 9);
    });
  });

  it('learns nothing without hindsight', () => {
    const inputs = inputsOf(announcedMarket({ seed: 7, candles: 500 })).map((input) => ({ ...input, smoothed: null }));
    const rate = 1 - (1 - 1 / 300) ** 10;
    for (const { changeWithin10Probability } of warnings(inputs))
      expect(changeWithin10Probability).toBeCloseTo(rate, 9);
  });

  it('stays finite on a price that never moves', () => {
    const input: EarlyWarningInput = {
      observation: { logReturn: 0, previousLogReturn: 0, logRange: null, elapsedCandles: 1 },
      posterior: new Float64Array(18).fill(1 / 18),
      dwellCandles: 1,
      agreementRatio: 1,
      shortRunProbability: null,
      smoothed: new Float64Array(18).fill(1 / 18),
    };
    for (const { changeWithin30Probability } of warnings(Array.from({ length: 500 }, () => input))) {
      expect(Number.isFinite(changeWithin30Probability)).toBe(true);
    }
  });

  it.each([0, 30, 500])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    const inputs = inputsOf(announcedMarket({ seed: 8, candles: 800, hasPrecursors: true }));
    const whole = new EarlyWarning();
    const expected = warnings(inputs, whole);
    const first = new EarlyWarning();
    warnings(inputs.slice(0, cut), first);
    const second = new EarlyWarning();
    second.restore(JSON.parse(JSON.stringify(first.save())) as EarlyWarningState);
    expect(warnings(inputs.slice(cut), second)).toEqual(expected.slice(cut));
    expect(second.save()).toEqual(JSON.parse(JSON.stringify(whole.save())));
  });
});
