/** One line of a metrics page. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The figures a process shows at `/metrics`, as Prometheus reads them. */
export class MetricsPage {
  readonly #samples: readonly Sample[];

  constructor(text: string) {
    this.#samples = text.split('\n').flatMap((line) => {
      const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
      if (found === null) return [];
      const labels = [...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((one) => [one[1], one[2]]);
      const value = found[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(found[3]);
      return [{ name: found[1] ?? '', labels: Object.fromEntries(labels) as Sample['labels'], value }];
    });
  }

  /** Returns the sum over all labels; null when there is none of that name. */
  value(name: string): number | null {
    const found = this.#samples.filter((sample) => sample.name === name);
    return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
  }

  /** Returns the values of a name by one of its labels, summed over the others, zeros left out. */
  by(name: string, label: string): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const sample of this.#samples) {
      const key = sample.labels[label];
      if (sample.name === name && key !== undefined && sample.value !== 0) sums[key] = (sums[key] ?? 0) + sample.value;
    }
    return sums;
  }

  /**
   * Returns an upper bound of a quantile of a histogram: the bound of the bucket it lies in, `Infinity` beyond the last.
   * Null while nothing was observed.
   */
  quantileBound(name: string, share: number): number | null {
    const buckets = Object.entries(this.by(`${name}_bucket`, 'le'))
      .map(([bound, count]) => [bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), count] as const)
      .toSorted(([one], [other]) => one - other);
    const total = buckets.at(-1)?.[1] ?? 0;
    return buckets.find(([, count]) => total > 0 && count >= share * total)?.[0] ?? null;
  }
}
