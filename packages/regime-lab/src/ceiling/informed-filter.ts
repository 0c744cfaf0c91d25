import type { CausalClassifier } from '../causal-classifier.ts';
import type { GeneratorName, MarketSettings } from '../market/market-settings.ts';
import { candleLawOf } from './candle-law.ts';
import { GarchFilter } from './garch-filter.ts';
import { MemorylessFilter } from './memoryless-filter.ts';
import { SemiMarkovFilter } from './semi-markov-filter.ts';
import { StochasticVolatilityFilter } from './stochastic-volatility-filter.ts';

/** `exact`: the Bayes filter, the ceiling of every causal method. `lower-bound`: told the truth as well, but approximated somewhere. */
export type CeilingKind = 'exact' | 'lower-bound';

export const ceilingKindOf = (generator: GeneratorName): CeilingKind =>
  generator === 'garch-jumps' || generator === 'untied-range-t4' ? 'lower-bound' : 'exact';

/** Returns the best filter there is for a market whose parameters are known. */
export const informedFilter = (generator: GeneratorName, settings: MarketSettings): CausalClassifier => {
  switch (generator) {
    case 'garch-jumps':
      return new GarchFilter(settings);
    case 'semi-markov':
      return new SemiMarkovFilter(settings);
    case 'stochastic-volatility':
      return new StochasticVolatilityFilter(settings);
    default:
      return new MemorylessFilter(settings, candleLawOf(generator));
  }
};
