import { type Agreement, agreementOf, confusionOf } from './agreement.ts';
import { type Factor, FACTOR_CLASSES, type FactorLabels, FACTORS } from './factor-labels.ts';
import { TRAIN_CANDLES } from './walk-forward.ts';

/** Three ways to say afterwards what it had been. */
export const LABEL_FAMILIES = ['chain', 'jump', 'window'] as const;
export type LabelFamily = (typeof LABEL_FAMILIES)[number];

/** How much two families say the same of one factor. */
export interface LabelAgreement extends Agreement {
  readonly factor: Factor;
  readonly families: readonly [LabelFamily, LabelFamily];
}

/** Returns how much each two families say the same of the judged candles, factor by factor. */
export const agreementsOf = (families: Readonly<Record<LabelFamily, FactorLabels>>): LabelAgreement[] =>
  FACTORS.flatMap((factor) =>
    LABEL_FAMILIES.flatMap((first, index) =>
      LABEL_FAMILIES.slice(index + 1).map((second) => {
        const classes = FACTOR_CLASSES[factor].length;
        const confusion = confusionOf(families[first][factor], families[second][factor], {
          classes,
          from: TRAIN_CANDLES,
        });
        return { factor, families: [first, second] as const, ...agreementOf(confusion) };
      }),
    ),
  );

/** Returns what the nearer of the other two families agrees with. */
export const ceilingOf = (agreements: readonly LabelAgreement[], family: LabelFamily, factor: Factor): number => {
  const own = agreements.filter((one) => one.factor === factor && one.families.includes(family));
  return Math.max(...own.map(({ accuracyRatio }) => accuracyRatio));
};
