/** One causal smoother of a log price. It sees each price once and never looks ahead. */
export interface PriceFilter {
  /** Log price with its noise taken out. */
  readonly value: number;
  /** What it expects the next log price to be. */
  readonly forecast: number;
  /** Takes the next log price in. */
  update(logPrice: number): void;
  /** Forgets where the price was, but not how noisy it is: what a gap leaves. */
  restart(logPrice: number): void;
  /** Plain JSON; `restore` of it continues bit for bit. */
  save(): readonly number[];
  restore(state: readonly number[]): void;
}
