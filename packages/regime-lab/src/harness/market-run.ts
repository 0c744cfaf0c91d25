import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import type { SyntheticMarket } from '../market/synthetic-market.ts';

// Far from every seed that is scored: a history or a teacher is never the market of another row.
export const HISTORY_SEED_OFFSET = 100_000;
export const TEACHER_SEED_OFFSET = 200_000;

export interface MarketRun {
  readonly market: SyntheticMarket;
  /** Shown first, without its truth; null for none. */
  readonly history: SyntheticMarket | null;
  /** Told what was said of each candle of the market. */
  readonly hear: (index: number, said: CausalClassification) => void;
}

const showHistory = (classifier: CausalClassifier, history: SyntheticMarket): void => {
  const bars = Array.from({ length: history.candles }, (_, index) => history.barAt(index));
  if (classifier.calibrate !== undefined) classifier.calibrate(bars);
  else for (const bar of bars) classifier.update(bar);
};

/** Runs a classifier over a market, and lets it go on where its history ended: same time, same price. */
export const runOver = (classifier: CausalClassifier, { market, history, hear }: MarketRun): void => {
  if (history !== null) showHistory(classifier, history);
  const offset = history?.candles ?? 0;
  const ratio = history === null ? 1 : (history.close.at(-1) ?? 1) / (market.open[0] ?? 1);
  for (let index = 0; index < market.candles; index += 1) {
    hear(index, classifier.update(market.barAt(index, offset, ratio)));
  }
};
