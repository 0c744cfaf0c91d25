import { UNLABELED } from './factor-labels.ts';

/** How often what was called was what is labeled. Shape: classes x classes by rows, label first. */
export type Confusion = Float64Array;

/** Counts candles that have both a label and a call. Shape: both as the series. `from` and `to`: the candles looked at, `to` excluded. */
export const confusionOf = (
  labels: Int8Array,
  calls: Int8Array,
  { classes, from = 0, to = labels.length }: { readonly classes: number; readonly from?: number; readonly to?: number },
): Confusion => {
  const confusion = new Float64Array(classes * classes);
  for (let index = from; index < to; index += 1) {
    const label = labels[index] ?? UNLABELED;
    const call = calls[index] ?? UNLABELED;
    if (label === UNLABELED || call === UNLABELED) continue;
    const cell = label * classes + call;
    confusion[cell] = (confusion[cell] ?? 0) + 1;
  }
  return confusion;
};

/** Three readings of one confusion. */
export interface Agreement {
  readonly candles: number;
  readonly accuracyRatio: number;
  /** Cohen's kappa: what is left of the agreement when chance is taken out. */
  readonly kappa: number;
  /** Matthews correlation, for any number of classes. */
  readonly correlation: number;
}

/**
 * Returns accuracy, Cohen's kappa and the multi-class Matthews correlation; 0 for the last two where they are not defined.
 *
 * Source: Cohen (1960); Gorodkin (2004), R_K.
 */
export const agreementOf = (confusion: Confusion): Agreement => {
  const classes = Math.sqrt(confusion.length);
  const labeled = new Float64Array(classes);
  const called = new Float64Array(classes);
  let candles = 0;
  let right = 0;
  for (let label = 0; label < classes; label += 1) {
    for (let call = 0; call < classes; call += 1) {
      const count = confusion[label * classes + call] ?? 0;
      labeled[label] = (labeled[label] ?? 0) + count;
      called[call] = (called[call] ?? 0) + count;
      candles += count;
      if (label === call) right += count;
    }
  }
  if (candles === 0) return { candles: 0, accuracyRatio: 0, kappa: 0, correlation: 0 };
  let chance = 0;
  let labeledSquares = 0;
  let calledSquares = 0;
  for (let id = 0; id < classes; id += 1) {
    const share = (labeled[id] ?? 0) / candles;
    const called01 = (called[id] ?? 0) / candles;
    chance += share * called01;
    labeledSquares += share * share;
    calledSquares += called01 * called01;
  }
  const accuracyRatio = right / candles;
  const spread = Math.sqrt((1 - labeledSquares) * (1 - calledSquares));
  return {
    candles,
    accuracyRatio,
    kappa: chance < 1 ? (accuracyRatio - chance) / (1 - chance) : 0,
    correlation: spread > 0 ? (accuracyRatio - chance) / spread : 0,
  };
};
