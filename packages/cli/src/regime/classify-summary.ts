import { REGIME_COUNT, regimeNameOf, tripletOf } from '@qt/regime';

const LINES_SHOWN = 5;

interface Refusals {
  count: number;
  readonly firstLines: number[];
  readonly firstDetail: string;
}

/** Counts of one run, in memory that does not grow with it. */
export class ClassifySummary {
  readonly #byRegime = new Float64Array(REGIME_COUNT);
  readonly #refusals = new Map<string, Refusals>();
  #classified = 0;
  #changes = 0;
  #probabilitySum = 0;

  /** Candles that were classified. */
  get classified(): number {
    return this.#classified;
  }

  /** Why the first candle was refused; null when none was. */
  get firstRefusal(): string | null {
    const [first] = this.#refusals;
    return first === undefined ? null : `line ${first[1].firstLines[0]}: ${first[0]}, ${first[1].firstDetail}`;
  }

  get changes(): number {
    return this.#changes;
  }

  /** Shape: 18, by regime id. */
  get candlesByRegime(): readonly number[] {
    return [...this.#byRegime];
  }

  get refusals(): readonly { code: string; count: number; firstLines: readonly number[] }[] {
    return [...this.#refusals].map(([code, { count, firstLines }]) => ({ code, count, firstLines }));
  }

  /** `probability` is that of the published regime. */
  countClassified({ id, probability }: { readonly id: number; readonly probability: number }, isChange: boolean): void {
    this.#byRegime[id] = (this.#byRegime[id] ?? 0) + 1;
    this.#probabilitySum += probability;
    this.#classified += 1;
    if (isChange) this.#changes += 1;
  }

  countRefused(code: string, line: number, detail: string): void {
    const known = this.#refusals.get(code);
    if (known === undefined) {
      this.#refusals.set(code, { count: 1, firstLines: [line], firstDetail: detail });
      return;
    }
    known.count += 1;
    if (known.firstLines.length < LINES_SHOWN) known.firstLines.push(line);
  }

  /** Returns the regimes by their share of time, then the changes, then what was refused and where. */
  lines(): string[] {
    const total = Math.max(1, this.#classified);
    const regimes = Array.from(this.#byRegime, (count, id) => ({ id, count }))
      .filter(({ count }) => count > 0)
      .sort((left, right) => right.count - left.count || left.id - right.id)
      .map(({ id, count }) => {
        const share = ((100 * count) / total).toFixed(1).padStart(5);
        return `  ${String(id).padStart(2)}  ${regimeNameOf(tripletOf(id, 'neutral')).padEnd(20)} ${share} %`;
      });
    const refused = [...this.#refusals].map(([code, { count, firstLines, firstDetail }]) => {
      const more = count > firstLines.length ? ', …' : '';
      return `refused ${count} x ${code}, line${count > 1 ? 's' : ''} ${firstLines.join(', ')}${more}: ${firstDetail}`;
    });
    return [
      'share of time by regime:',
      ...regimes,
      `changes: ${this.#changes}, ${((1_000 * this.#changes) / total).toFixed(1)} per 1000 candles`,
      `mean confidence: ${((100 * this.#probabilitySum) / total).toFixed(1)} %, what the engine itself gives the regime it publishes`,
      ...(refused.length === 0 ? ['refused candles: none'] : refused),
    ];
  }
}
