export interface ClassTallyState {
  readonly hits: readonly number[];
  readonly said: readonly number[];
  readonly wanted: readonly number[];
}

/** A class that was wanted or said less than this, in candles, says nothing about precision or recall. */
const MIN_CANDLES = 5;

/** Returns the mean over the classes that occur enough; null when none does. */
const meanShare = (hits: Float64Array, of: Float64Array): number | null => {
  let sum = 0;
  let classes = 0;
  for (let index = 0; index < hits.length; index += 1) {
    const count = of[index] ?? 0;
    if (count < MIN_CANDLES) continue;
    sum += (hits[index] ?? 0) / count;
    classes += 1;
  }
  return classes === 0 ? null : sum / classes;
};

/** Counts of what was said against what was wanted, each candle weighing a little less than the one after it. */
export class ClassTally {
  readonly #decay: number;
  readonly #hits: Float64Array;
  readonly #said: Float64Array;
  readonly #wanted: Float64Array;

  constructor(classCount: number, decay: number) {
    this.#decay = decay;
    this.#hits = new Float64Array(classCount);
    this.#said = new Float64Array(classCount);
    this.#wanted = new Float64Array(classCount);
  }

  add(said: number, wanted: number): void {
    for (let index = 0; index < this.#hits.length; index += 1) {
      this.#hits[index] = this.#decay * (this.#hits[index] ?? 0) + (said === index && wanted === index ? 1 : 0);
      this.#said[index] = this.#decay * (this.#said[index] ?? 0) + (said === index ? 1 : 0);
      this.#wanted[index] = this.#decay * (this.#wanted[index] ?? 0) + (wanted === index ? 1 : 0);
    }
  }

  /** Share of candles said as wanted; null before the first. */
  get agreement(): number | null {
    return this.#shareOf(this.#hits.reduce((left, right) => left + right, 0));
  }

  /** Agreement of whoever always says the class that is wanted most. */
  get constantAgreement(): number | null {
    return this.#shareOf(this.#wanted.reduce((left, right) => Math.max(left, right), 0));
  }

  /** Mean over classes. */
  get precision(): number | null {
    return meanShare(this.#hits, this.#said);
  }

  /** Mean over classes. */
  get recall(): number | null {
    return meanShare(this.#hits, this.#wanted);
  }

  save(): ClassTallyState {
    return { hits: [...this.#hits], said: [...this.#said], wanted: [...this.#wanted] };
  }

  restore({ hits, said, wanted }: ClassTallyState): void {
    this.#hits.set(hits);
    this.#said.set(said);
    this.#wanted.set(wanted);
  }

  #shareOf(count: number): number | null {
    const total = this.#wanted.reduce((left, right) => left + right, 0);
    return total === 0 ? null : count / total;
  }
}
