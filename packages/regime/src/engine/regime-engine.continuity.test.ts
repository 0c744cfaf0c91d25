import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '@qt/kernel';
import { syntheticMarket } from '../../test/synthetic-market.ts';
import { type EngineCandle, RegimeEngine, type RegimeEngineState } from './regime-engine.ts';

const INTERVAL_MS = 60_000;
const anEngine = (): RegimeEngine => new RegimeEngine({ intervalMs: INTERVAL_MS });
const asRestored = (engine: RegimeEngine): RegimeEngine => {
  const restored = anEngine();
  restored.restore(JSON.parse(JSON.stringify(engine.save())) as RegimeEngineState);
  return restored;
};

/** A market with gaps, stretches without any move and candles without volume. */
const roughMarket = (seed: number, candles: number): readonly EngineCandle[] => {
  const random = seededRandom(seed);
  let openTimeMs = 0;
  return syntheticMarket({ seed, candles, durationCandles: 200 }).map(({ candle }, index) => {
    openTimeMs += INTERVAL_MS * (random() < 0.003 ? 1 + Math.floor(300 * random()) : 1);
    const volume = random() < 0.1 ? '0' : candle.volume;
    const still = { open: candle.open, high: candle.open, low: candle.open, close: candle.open };
    return { ...candle, ...(Math.floor(index / 150) % 17 === 3 ? still : {}), openTimeMs, volume };
  });
};

/** What services do beside handing candles in, at places that depend on the candle alone. Returns all that the engine answered. */
const serve = (engine: RegimeEngine, candle: EngineCandle, place: number): string => {
  const answers: unknown[] = [];
  if (place % 331 === 330) answers.push(engine.optimizeBoundaries());
  if (place % 211 === 210) answers.push(engine.refitLearners());
  if (place % 97 === 96) answers.push(engine.takeTasks());
  if (place % 3 === 0) engine.observeLatencyMs(place % 7);
  if (place % 503 === 502) engine.refreshTransitionMatrix();
  return JSON.stringify([...answers, engine.update(candle)]);
};

describe('RegimeEngine that is saved and restored', () => {
  it('goes on bit for bit, wherever it was cut', () => {
    const candles = roughMarket(3, 900);
    const straight = anEngine();
    const whole = candles.map((candle, place) => serve(straight, candle, place));
    const last = JSON.stringify(straight.save());
    const somewhere = fc.integer({ min: 0, max: candles.length - 1 });
    fc.assert(
      fc.property(fc.uniqueArray(somewhere, { minLength: 6, maxLength: 20 }), (cuts) => {
        const places = new Set(cuts);
        let engine = anEngine();
        candles.forEach((candle, place) => {
          if (places.has(place)) engine = asRestored(engine);
          if (serve(engine, candle, place) !== whole[place]) throw new Error(`other words at candle ${place}`);
        });
        expect(JSON.stringify(engine.save())).toBe(last);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});
