import { type CandlePath, drawPath, newCandlePath, pathHash, POINTS } from './candle-path.ts';
import type { CandleSeries } from './candle-series.ts';
import type { MarketClock } from './market-clock.ts';
import { hashOf, noiseAt, randomOn } from './randomness.ts';
import type { SymbolSpec } from './venue-types.ts';

/** Time constants of the smoothed prices. */
const INDEX_TAU_MS = 5_000;
const BASIS_TAU_MS = 15_000;
/** How far the premium strays by itself, and how fast: a slow tide, waves and ripples. Units: ratio of the index. */
const PREMIUM_WAVES = [
  { ratio: 0.0006, knotMs: 28_800_000 },
  { ratio: 0.0002, knotMs: 3_600_000 },
  { ratio: 0.0001, knotMs: 600_000 },
] as const;
const PATHS_KEPT = 4;

/** Mark and index at the points of a candle. Units: 1e-8 USDT. Shape: `POINTS` numbers each. */
export interface MarkPath {
  readonly marks: Float64Array;
  readonly indexes: Float64Array;
}

interface Kept<T> {
  index: number;
  readonly path: T;
}

const keptOf = <T>(make: () => T): Kept<T>[] => Array.from({ length: PATHS_KEPT }, () => ({ index: -1, path: make() }));

/**
 * The paths of one symbol's candles, made when they are asked for. Last prices follow from candle and seed. Index and mark follow from the
 * points of the candle and of the one before it, never from what comes later:
 *
 * - index: the last price smoothed over 5 s, beginning at the open of the candle before;
 * - mark: the index, plus the gap between last and index smoothed over 15 s, plus a premium that is a function of seed and time.
 *
 * What a method returns is valid until the next call.
 */
export class PricePaths {
  readonly #series: CandleSeries;
  readonly #clock: MarketClock;
  readonly #priceStep: number;
  readonly #quantityStep: number;
  readonly #hash: number;
  readonly #premiumHashes: readonly number[];
  readonly #paths = keptOf(newCandlePath);
  readonly #marks = keptOf((): MarkPath => ({ marks: new Float64Array(POINTS), indexes: new Float64Array(POINTS) }));
  #nextPath = 0;
  #nextMarks = 0;

  constructor(options: { series: CandleSeries; clock: MarketClock; spec: SymbolSpec; seed: number }) {
    const { series, clock, spec, seed } = options;
    this.#series = series;
    this.#clock = clock;
    this.#priceStep = Number(spec.priceStep);
    this.#quantityStep = Number(spec.quantityStep);
    this.#hash = hashOf(seed, hashOf(spec.symbol));
    this.#premiumHashes = PREMIUM_WAVES.map(({ knotMs }) => hashOf(seed, spec.symbol, 'premium', knotMs));
  }

  /** Returns the path of a candle by its place in the series. */
  at(index: number): CandlePath {
    for (const one of this.#paths) if (one.index === index) return one.path;
    const kept = this.#paths[this.#nextPath];
    if (kept === undefined) throw new RangeError('no room for a path');
    this.#nextPath = (this.#nextPath + 1) % PATHS_KEPT;
    const series = this.#series;
    const shape = {
      open: series.openAt(index),
      high: series.highAt(index),
      low: series.lowAt(index),
      close: series.closeAt(index),
      priceStep: this.#priceStep,
      steps: series.stepsAt(index, this.#quantityStep),
    };
    drawPath(shape, randomOn(pathHash(this.#hash, series.openTimeAt(index))), kept.path);
    kept.index = index;
    return kept.path;
  }

  marksAt(index: number): MarkPath {
    for (const one of this.#marks) if (one.index === index) return one.path;
    const kept = this.#marks[this.#nextMarks];
    if (kept === undefined) throw new RangeError('no room for marks');
    this.#nextMarks = (this.#nextMarks + 1) % PATHS_KEPT;
    this.#smooth(index, kept.path);
    kept.index = index;
    return kept.path;
  }

  #premiumAt(timeMs: number): number {
    let premium = 0;
    for (const [wave, { ratio, knotMs }] of PREMIUM_WAVES.entries()) {
      premium += ratio * noiseAt(this.#premiumHashes[wave] ?? 0, timeMs, knotMs);
    }
    return premium;
  }

  #smooth(index: number, into: MarkPath): void {
    const { intervalMs } = this.#clock;
    const openTimeMs = this.#series.openTimeAt(index);
    const first = index > 0 ? index - 1 : index;
    const premium = this.#premiumAt(openTimeMs);
    const slope = (this.#premiumAt(openTimeMs + intervalMs) - premium) / intervalMs;
    let fair = this.#series.openAt(first);
    let basis = 0;
    let smoothedMs = this.#series.openTimeAt(first);
    for (let place = first; place <= index; place += 1) {
      const { prices } = this.at(place);
      const placeMs = this.#series.openTimeAt(place);
      const offsets = this.#clock.offsetsOf(placeMs);
      for (let point = 0; point < POINTS; point += 1) {
        const offsetMs = offsets[point] ?? 0;
        const elapsedMs = placeMs + offsetMs - smoothedMs;
        smoothedMs = placeMs + offsetMs;
        const last = prices[point] ?? 0;
        fair += (elapsedMs / (elapsedMs + INDEX_TAU_MS)) * (last - fair);
        basis += (elapsedMs / (elapsedMs + BASIS_TAU_MS)) * (last - fair - basis);
        if (place < index) continue;
        into.indexes[point] = Math.round(fair);
        into.marks[point] = Math.round(fair + basis + fair * (premium + slope * offsetMs));
      }
    }
  }
}
