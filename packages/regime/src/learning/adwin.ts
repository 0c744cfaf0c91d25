import { invariant } from '@qt/kernel';
import { packFloats, unpackFloats } from './packed-floats.ts';

export interface AdwinOptions {
  /** Chance of a false alarm that the bound is made for. Default .002. */
  readonly deltaProbability?: number;
  /** Buckets of one size before two of them are merged. Default 5. */
  readonly bucketsPerSize?: number;
  /** Sizes of buckets: 1, 2, 4 …; what is older than the largest ones is forgotten. Default 12. */
  readonly sizeCount?: number;
  /** Cuts are looked for once in so many values. Default 32. */
  readonly checkEvery?: number;
}

export interface AdwinState {
  /** Buckets of each size, and their numbers packed in the same order. */
  readonly counts: readonly number[];
  readonly buckets: string;
  readonly sinceCheck: number;
}

/** Values a window must hold on either side of a cut. */
const MIN_SIDE = 5;

/**
 * Adaptive windowing over a stream of numbers: keeps as long a window as has one mean, in exponential buckets, and drops the old
 * part when the means of old and new differ by more than chance allows.
 *
 * Source: Bifet and Gavaldà (2007), ADWIN2, with the variance bound of their equation 3.1.
 */
export class Adwin {
  readonly #options: Required<AdwinOptions>;
  /** Per size, oldest first: sum and sum of squared deviations, alternating, in single precision. */
  #buckets: number[][];
  #sinceCheck = 0;
  #width = 0;
  #sum = 0;
  #deviations = 0;

  constructor({ deltaProbability = 0.002, bucketsPerSize = 5, sizeCount = 12, checkEvery = 32 }: AdwinOptions = {}) {
    invariant(deltaProbability > 0 && deltaProbability < 1, 'deltaProbability is between 0 and 1');
    this.#options = { deltaProbability, bucketsPerSize, sizeCount, checkEvery };
    this.#buckets = Array.from({ length: sizeCount }, () => []);
  }

  /** Values in the window. */
  get width(): number {
    return this.#width;
  }

  get mean(): number {
    return this.#width === 0 ? 0 : this.#sum / this.#width;
  }

  /** Takes a value in. Returns how far the mean moved when a cut was found, null when none was. */
  add(value: number): number | null {
    this.#buckets[0]?.push(Math.fround(value), 0);
    this.#compress();
    this.#count();
    this.#sinceCheck += 1;
    if (this.#sinceCheck < this.#options.checkEvery) return null;
    this.#sinceCheck = 0;
    return this.#cut();
  }

  save(): AdwinState {
    return {
      counts: this.#buckets.map((row) => row.length),
      buckets: packFloats(Float32Array.from(this.#buckets.flat())),
      sinceCheck: this.#sinceCheck,
    };
  }

  restore({ counts, buckets, sinceCheck }: AdwinState): void {
    const values = new Float32Array(counts.reduce((left, right) => left + right, 0));
    unpackFloats(buckets, values);
    let at = 0;
    this.#buckets = Array.from({ length: this.#options.sizeCount }, (_, size) => {
      const end = at + (counts[size] ?? 0);
      const row = [...values.subarray(at, end)];
      at = end;
      return row;
    });
    this.#sinceCheck = sinceCheck;
    this.#count();
  }

  /** Forgets everything. */
  clear(): void {
    this.#buckets = Array.from({ length: this.#options.sizeCount }, () => []);
    this.#sinceCheck = 0;
    this.#count();
  }

  /** Merges the two oldest buckets of a size once there is one too many; beyond the largest size they are dropped. */
  #compress(): void {
    const { bucketsPerSize, sizeCount } = this.#options;
    for (let size = 0; size < sizeCount; size += 1) {
      const row = this.#buckets[size];
      if (row === undefined || row.length <= 2 * bucketsPerSize) return;
      const [firstSum = 0, firstDeviations = 0, secondSum = 0, secondDeviations = 0] = row.splice(0, 4);
      const length = 2 ** size;
      const apart = (firstSum - secondSum) / length;
      const deviations = firstDeviations + secondDeviations + (apart * apart * length) / 2;
      this.#buckets[size + 1]?.push(Math.fround(firstSum + secondSum), Math.fround(deviations));
    }
  }

  /** Totals are always summed anew, oldest first: a restored window has the same bits. */
  #count(): void {
    let width = 0;
    let sum = 0;
    let deviations = 0;
    for (let size = this.#buckets.length - 1; size >= 0; size -= 1) {
      const row = this.#buckets[size] ?? [];
      const length = 2 ** size;
      for (let at = 0; at < row.length; at += 2) {
        const bucketSum = row[at] ?? 0;
        if (width > 0) {
          const apart = bucketSum / length - sum / width;
          deviations += (apart * apart * length * width) / (width + length);
        }
        deviations += row[at + 1] ?? 0;
        sum += bucketSum;
        width += length;
      }
    }
    this.#width = width;
    this.#sum = sum;
    this.#deviations = deviations;
  }

  #cut(): number | null {
    const before = this.mean;
    let isCut = false;
    while (this.#hasCut()) {
      this.#dropOldest();
      isCut = true;
    }
    return isCut ? this.mean - before : null;
  }

  #hasCut(): boolean {
    const width = this.#width;
    const spread = Math.log((2 * Math.log(Math.max(width, 2))) / this.#options.deltaProbability);
    const variance = this.#deviations / Math.max(width, 1);
    let oldWidth = 0;
    let oldSum = 0;
    for (let size = this.#buckets.length - 1; size >= 0; size -= 1) {
      const row = this.#buckets[size] ?? [];
      for (let at = 0; at < row.length; at += 2) {
        oldWidth += 2 ** size;
        oldSum += row[at] ?? 0;
        const newWidth = width - oldWidth;
        if (newWidth < MIN_SIDE) return false;
        if (oldWidth < MIN_SIDE) continue;
        const apart = Math.abs(oldSum / oldWidth - (this.#sum - oldSum) / newWidth);
        const harmonic = 1 / (oldWidth - MIN_SIDE + 1) + 1 / (newWidth - MIN_SIDE + 1);
        if (apart > Math.sqrt(2 * harmonic * variance * spread) + (2 / 3) * harmonic * spread) return true;
      }
    }
    return false;
  }

  #dropOldest(): void {
    for (let size = this.#buckets.length - 1; size >= 0; size -= 1) {
      const row = this.#buckets[size];
      if (row !== undefined && row.length > 0) {
        row.splice(0, 2);
        this.#count();
        return;
      }
    }
  }
}
