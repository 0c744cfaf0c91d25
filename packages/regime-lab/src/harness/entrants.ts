import type { CausalClassifier } from '../causal-classifier.ts';
import { FlipEveryCandle, NeverChange, Oracle, RandomLabels } from '../baseline/dummies.ts';
import { HiddenMarkov } from '../baseline/hidden-markov.ts';
import { JumpModel } from '../baseline/jump-model.ts';
import { ThresholdRule } from '../baseline/threshold-rule.ts';
import { informedFilter } from '../ceiling/informed-filter.ts';
import type { SyntheticMarket } from '../market/synthetic-market.ts';
import { baseAlone, EngineClassifier } from './engine-classifiers.ts';

/** Baselines an engine has to beat. */
export const BASELINES = ['threshold rule', 'jump model', 'hidden markov'] as const;
/** Classifiers that must fail. */
export const DUMMIES = ['flip every candle', 'never change'] as const;
const OTHERS = ['ceiling', 'engine', 'base alone', 'random labels', 'oracle'] as const;
export const CLASSIFIER_NAMES = [...OTHERS, ...BASELINES, ...DUMMIES] as const;
export type ClassifierName = (typeof CLASSIFIER_NAMES)[number];

/** A classifier that takes part in an evaluation. */
export interface Entrant {
  readonly classifier: ClassifierName;
  /** Whether it first sees 20,000 unlabelled candles of another seed. */
  readonly hasHistory: boolean;
}

/** What an entrant may know. Markets are made when asked for. */
export interface EntrantKnowledge {
  readonly market: SyntheticMarket;
  readonly teacher: () => SyntheticMarket;
}

/** Returns a new classifier, knowing what its kind may know. */
export const createClassifier = (entrant: Entrant, { market, teacher }: EntrantKnowledge): CausalClassifier => {
  switch (entrant.classifier) {
    case 'ceiling':
      return informedFilter(market.recipe.generator, market.settings);
    case 'engine':
      return new EngineClassifier();
    case 'base alone':
      return baseAlone();
    case 'threshold rule':
      return new ThresholdRule(teacher());
    case 'jump model':
      return new JumpModel(teacher());
    case 'hidden markov':
      return new HiddenMarkov();
    case 'flip every candle':
      return new FlipEveryCandle();
    case 'never change':
      return new NeverChange();
    case 'random labels':
      return new RandomLabels(market.recipe.seed);
    case 'oracle':
      return new Oracle(market.regimeIds);
  }
};
