import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EngineAlert } from '../engine/classification.ts';
import { normalDraws } from '../../test/normal-draws.ts';
import {
  STABILITY_MONITOR_DEFAULTS,
  type StabilityInput,
  StabilityMonitor,
  type StabilityMonitorState,
  stabilityBandOf,
} from './stability-monitor.ts';

const sureOf = (id: number, share = 0.98): Float64Array => {
  const posterior = new Float64Array(18).fill((1 - share) / 17);
  posterior[id] = share;
  return posterior;
};
const anInput = (changes: Partial<StabilityInput> = {}): StabilityInput => ({
  posterior: sureOf(8),
  regimeId: 8,
  candidateId: 8,
  dwellCandles: 50,
  agreementRatio: 0.95,
  logDensity: 3,
  elapsedCandles: 1,
  expectedRemainingCandles: 290,
  expectedTotalCandles: 300,
  isUnseenTransition: false,
  ...changes,
});
const feed = (monitor: StabilityMonitor, inputs: readonly Partial<StabilityInput>[]): readonly EngineAlert[] =>
  inputs.flatMap((input) => monitor.update(anInput(input)).alerts);
const repeat = (candles: number, input: Partial<StabilityInput> = {}): readonly Partial<StabilityInput>[] =>
  new Array<Partial<StabilityInput>>(candles).fill(input);
const kindsOf = (alerts: readonly EngineAlert[]): readonly string[] => alerts.map(({ kind }) => kind);
const densities = (seed: number, candles: number): readonly Partial<StabilityInput>[] =>
  normalDraws(seed, candles).map((draw) => ({ logDensity: 3 - draw * draw }));

describe('StabilityMonitor', () => {
  it('calls a sure, agreed and lasting regime very stable', () => {
    const monitor = new StabilityMonitor();
    feed(monitor, repeat(100));
    const { stabilityRatio, stabilityBand, alerts } = monitor.update(anInput());
    expect(stabilityRatio).toBeGreaterThan(0.9);
    expect(stabilityBand).toBe('very_stable');
    expect(alerts).toEqual([]);
  });

  it.each([
    { name: 'probability', worse: { posterior: sureOf(9, 0.9) } },
    { name: 'certainty', worse: { posterior: sureOf(8, 0.5) } },
    { name: 'remaining life', worse: { expectedRemainingCandles: 20 } },
    { name: 'agreement', worse: { agreementRatio: 0.3 } },
  ])('falls with less $name', ({ worse }) => {
    const good = new StabilityMonitor();
    const bad = new StabilityMonitor();
    feed(good, repeat(50));
    feed(bad, repeat(50, worse));
    expect(bad.update(anInput(worse)).stabilityRatio).toBeLessThan(good.update(anInput()).stabilityRatio - 0.05);
  });

  it('falls when the best guess flickers, and recovers after 60 candles', () => {
    const monitor = new StabilityMonitor();
    feed(monitor, repeat(100));
    const calm = monitor.update(anInput()).stabilityRatio;
    feed(
      monitor,
      Array.from({ length: 40 }, (_, index) => ({ candidateId: 8 + (index % 2) })),
    );
    expect(monitor.update(anInput()).stabilityRatio).toBeLessThan(calm - 0.1);
    feed(monitor, repeat(60));
    expect(monitor.update(anInput()).stabilityRatio).toBeCloseTo(calm, 9);
  });

  it('is the better the surer the posterior, all else equal', () => {
    let last = 0;
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
      const { stabilityRatio } = new StabilityMonitor().update(anInput({ posterior: sureOf(8, share) }));
      expect(stabilityRatio).toBeGreaterThan(last);
      last = stabilityRatio;
    }
  });

  it('has bands in the order of its ratio', () => {
    const bands = ['critical', 'unstable', 'moderate', 'stable', 'very_stable'];
    const { bandFloors } = STABILITY_MONITOR_DEFAULTS;
    const rankOf = (ratio: number): number => bands.indexOf(stabilityBandOf(ratio, bandFloors));
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (one, two) => {
          expect(Math.sign(rankOf(one) - rankOf(two)) * Math.sign(one - two)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
    expect([0.29, 0.3, 0.5, 0.65, 0.8].map((ratio) => stabilityBandOf(ratio, bandFloors))).toEqual(bands);
  });

  it('is not critical for good merely because 18 probabilities are small', () => {
    // Half the probability on the regime, the rest on two neighbors: an ordinary candle.
    const posterior = new Float64Array(18);
    posterior.set([0.3, 0.5, 0.2], 7);
    const monitor = new StabilityMonitor();
    feed(monitor, repeat(60, { posterior, agreementRatio: 0.8 }));
    expect(monitor.update(anInput({ posterior, agreementRatio: 0.8 })).stabilityBand).toBe('stable');
  });

  it('tells when a regime becomes unstable, with the parts, and not again while it lasts', () => {
    const monitor = new StabilityMonitor();
    feed(monitor, repeat(50));
    const alerts = feed(monitor, repeat(300, { posterior: sureOf(9, 0.6), agreementRatio: 0.2 }));
    expect(kindsOf(alerts)).toEqual(['unstable_regime']);
    expect(alerts[0]!.message).toMatch(
      /^stability of regime 8 fell to 0\.4\d+, below 0\.5: confidence 0\.\d\d, certainty/,
    );
  });

  it('pauses between alerts of a kind', () => {
    const monitor = new StabilityMonitor();
    const swing = Array.from({ length: 240 }, (_, index) =>
      index % 20 < 10 ? {} : { regimeId: 3, agreementRatio: 0.01 },
    );
    const told = feed(monitor, swing);
    expect(kindsOf(told)).toEqual(new Array(told.length).fill('unstable_regime'));
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.length).toBeLessThanOrEqual(4);
  });

  it('tells of a gap and of its length', () => {
    const monitor = new StabilityMonitor();
    expect(feed(monitor, [{}, { elapsedCandles: 3 }])).toEqual([]);
    expect(feed(monitor, [{ elapsedCandles: 8 }])).toEqual([
      {
        kind: 'data_gap',
        component: 'regime_stability_monitor',
        message: '7 candles are missing before this one',
      },
    ]);
    expect(feed(monitor, [{ elapsedCandles: 8 }])).toEqual([]);
    expect(monitor.view().metrics['data_gap_count']).toBe(2);
  });

  it('tells of a shock: three candles in ten less likely than 99 in 100', () => {
    const monitor = new StabilityMonitor();
    expect(kindsOf(feed(monitor, densities(1, 3_000)))).not.toContain('market_shock');
    const shock = { logDensity: -20 };
    expect(feed(monitor, [shock, {}, shock])).toEqual([]);
    const [alert] = feed(monitor, [shock]);
    expect(alert!.kind).toBe('market_shock');
    expect(alert!.message).toContain('3 of the last 10 candles');
  });

  it('knows no shocks before it has seen enough', () => {
    expect(feed(new StabilityMonitor(), [...densities(2, 300), ...repeat(5, { logDensity: -20 })])).toEqual([]);
  });

  it('tells when the detector predicts lastingly worse, and not when volatility changes', () => {
    const monitor = new StabilityMonitor();
    // A higher level has a lower density: that is no worse prediction.
    const levels = densities(3, 6_000).map(({ logDensity }, index) => {
      const regimeId = Math.floor(index / 500) % 2 === 0 ? 8 : 14;
      return {
        regimeId,
        candidateId: regimeId,
        posterior: sureOf(regimeId),
        logDensity: logDensity! - (regimeId === 14 ? 2 : 0),
      };
    });
    expect(kindsOf(feed(monitor, levels))).not.toContain('model_misfit');
    const worse = densities(4, 1_000).map(({ logDensity }) => ({ logDensity: logDensity! - 2 }));
    expect(kindsOf(feed(monitor, worse))).toContain('model_misfit');
  });

  it('does without a density', () => {
    expect(feed(new StabilityMonitor(), repeat(2_000, { logDensity: null }))).toEqual([]);
  });

  it('applies hot bands without losing its state', () => {
    const monitor = new StabilityMonitor();
    feed(monitor, repeat(50));
    monitor.configure({ bandFloors: [0.999, 0.65, 0.5, 0.3] });
    expect(monitor.update(anInput()).stabilityBand).toBe('stable');
  });

  it.each([0, 7, 900])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    const inputs = densities(5, 1_200).map(({ logDensity }, index) => ({
      logDensity: logDensity! - (index > 1_000 ? 4 : 0),
      candidateId: 8 + (index % 7 === 0 ? 1 : 0),
      posterior: sureOf(8, 0.5 + (index % 50) / 100),
      elapsedCandles: index % 300 === 299 ? 9 : 1,
    }));
    const whole = new StabilityMonitor();
    const expected = inputs.map((input) => whole.update(anInput(input)));
    const first = new StabilityMonitor();
    feed(first, inputs.slice(0, cut));
    const second = new StabilityMonitor();
    second.restore(JSON.parse(JSON.stringify(first.save())) as StabilityMonitorState);
    expect(inputs.slice(cut).map((input) => second.update(anInput(input)))).toEqual(expected.slice(cut));
    expect(second.save()).toEqual(whole.save());
  });

  it('shows duration, confidence and volatility', () => {
    const monitor = new StabilityMonitor();
    expect(monitor.view()).toMatchObject({ state: 'warming', metrics: { volatility_level: null } });
    feed(monitor, repeat(600, { regimeId: 14, posterior: sureOf(14) }));
    const { state, metrics } = monitor.view();
    expect(state).toBe('running');
    expect(metrics).toMatchObject({ duration_candles: 50, volatility_level: 2, stability_band: 'very_stable' });
    expect(metrics['confidence']).toBeCloseTo(0.98, 9);
  });
});
