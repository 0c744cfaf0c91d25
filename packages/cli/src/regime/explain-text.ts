import { regimeOf } from '@qt/regime';
import type { DeciderRules, ExplainedMarket, RegimeExplanation, ScoringInside } from './regime-service-pages.ts';

const LEVELS = ['low', 'medium', 'high'];
const STRUCTURES = ['trending', 'mean-reverting'];
const TRENDS = ['strong down', 'down', 'neutral', 'up', 'strong up'];
/** Where each factor's classes stand in a vector of ten. */
const FACTORS = [
  { name: 'volatility', first: 0, classes: LEVELS },
  { name: 'structure', first: 3, classes: STRUCTURES },
  { name: 'trend', first: 5, classes: TRENDS },
] as const;
const SLOT_NAMES = [...TRENDS, 'mean-reverting'];
const SLOTS = 6;
const MEAN_REVERTING_SLOT = 5;

const share = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
const nameOf = (id: number): string => `${id} "${regimeOf(id, 'neutral', 0).name}"`;
const isMarket = (id: number): boolean => id >= 0 && id < 18;

/** Returns the probability of each class of each factor; trends are those of a trending market, out of its share. */
export const factorsOf = (probabilities: readonly number[]): readonly number[] => {
  const factors = Array.from({ length: 10 }, () => 0);
  const add = (at: number, probability: number): void => {
    factors[at] = (factors[at] ?? 0) + probability;
  };
  probabilities.forEach((probability, id) => {
    const slot = id % SLOTS;
    add(Math.floor(id / SLOTS), probability);
    add(slot === MEAN_REVERTING_SLOT ? 4 : 3, probability);
    if (slot !== MEAN_REVERTING_SLOT) add(5 + slot, probability);
  });
  return factors;
};

const factorLines = (probabilities: readonly number[]): readonly string[] => {
  const factors = factorsOf(probabilities);
  return FACTORS.map(({ name, first, classes }) => {
    const parts = classes.map((one, index) => `${one} ${share(factors[first + index] ?? 0)}`);
    return `  ${name}: ${parts.join(', ')}`;
  });
};

const voteOf = (method: ScoringInside['methods'][number], scoring: ScoringInside): string => {
  const { factors } = method;
  if (factors === null) return `  ${method.name}: known with the next candle`;
  const votes = FACTORS.map(({ name, first, classes }) => {
    const vote = factors.slice(first, first + classes.length);
    const best = vote.indexOf(Math.max(...vote));
    const weight = method.weights[scoring.factors.indexOf(name)];
    return `${classes[best] ?? '?'} ${share(vote[best] ?? 0)} (weight ${weight === undefined ? '?' : share(weight)})`;
  });
  return `  ${method.name}: ${votes.join(', ')}`;
};

/** The value of a factor that is next in line to be published. */
export interface Rival {
  /** The slot is the trend, or mean reversion. */
  readonly factor: 'volatility' | 'slot';
  readonly name: string;
  /** How much it lacks to the published value; negative when it leads. */
  readonly lackRatio: number;
  /** What the lead that is asked for is multiplied with: less for higher volatility, more for the next trend. */
  readonly marginKind: 'plain' | 'upward' | 'neighbor';
}

const bestOther = (shares: readonly number[], published: number): number =>
  shares.reduce(
    (best, share, value) => (value !== published && (best < 0 || share > (shares[best] ?? 0)) ? value : best),
    -1,
  );

/** Returns what is next in line for each factor of the published regime, and how much it lacks. */
export const rivalsOf = ({ probabilities, regime }: ExplainedMarket): readonly [Rival, Rival] => {
  const levels = LEVELS.map(() => 0);
  const slots = SLOT_NAMES.map(() => 0);
  probabilities.forEach((probability, id) => {
    const [level, slot] = [Math.floor(id / SLOTS), id % SLOTS];
    levels[level] = (levels[level] ?? 0) + probability;
    slots[slot] = (slots[slot] ?? 0) + probability;
  });
  const [level, slot] = [Math.floor(regime.id / SLOTS), regime.id % SLOTS];
  const [otherLevel, otherSlot] = [bestOther(levels, level), bestOther(slots, slot)];
  const isNextTrend = Math.max(slot, otherSlot) < MEAN_REVERTING_SLOT && Math.abs(slot - otherSlot) === 1;
  return [
    {
      factor: 'volatility',
      name: LEVELS[otherLevel] ?? '?',
      lackRatio: (levels[level] ?? 0) - (levels[otherLevel] ?? 0),
      marginKind: otherLevel > level ? 'upward' : 'plain',
    },
    {
      factor: 'slot',
      name: SLOT_NAMES[otherSlot] ?? '?',
      lackRatio: (slots[slot] ?? 0) - (slots[otherSlot] ?? 0),
      marginKind: isNextTrend ? 'neighbor' : 'plain',
    },
  ];
};

const marginWords = ({ factor, marginKind }: Rival, decider: DeciderRules | null): string => {
  const margin = factor === 'volatility' ? decider?.levelMarginRatio : decider?.slotMarginRatio;
  if (margin === undefined) return '';
  const { upwardMarginShare = 1, neighborMarginFactor = 1 } = decider ?? {};
  const asked = (by: number, why: string): string => `, must lead by ${share(margin * by)} over a few candles${why}`;
  if (marginKind === 'upward') return asked(upwardMarginShare, ' (less, since volatility would rise)');
  return marginKind === 'neighbor' ? asked(neighborMarginFactor, ' (more, since it is the next trend)') : asked(1, '');
};

const rivalLine = (rival: Rival, decider: DeciderRules | null): string => {
  const { factor, name, lackRatio } = rival;
  const stands =
    lackRatio > 0 ? `is next in line, ${share(lackRatio)} behind` : `already leads by ${share(-lackRatio)}`;
  return `  ${factor === 'slot' ? 'trend' : factor}: ${name} ${stands}${marginWords(rival, decider)}`;
};

const changeLines = ({ market, decider }: RegimeExplanation): readonly string[] => {
  const lines = rivalsOf(market).map((rival) => rivalLine(rival, decider));
  const { minDwellCandles, confidenceThreshold, shockProbability } = decider ?? {};
  if (confidenceThreshold !== undefined)
    lines.push(
      `  a new level must have ${share(confidenceThreshold)}, a new trend that much together with its neighbors`,
    );
  if (minDwellCandles !== undefined && market.dwellCandles < minDwellCandles)
    lines.push(`  and the regime must be ${minDwellCandles} candles old, it is ${market.dwellCandles}`);
  if (shockProbability !== undefined)
    lines.push(`  a regime with a probability of ${share(shockProbability)} is taken at once`);
  const { changeWithin10Probability: ten, changeWithin30Probability: thirty } = market;
  if (ten !== undefined && thirty !== undefined)
    lines.push(`  expected: a change within 10 candles ${share(ten)}, within 30 ${share(thirty)}`);
  return lines;
};

/** Returns why the regime of a market is what it is, in lines to read. What the service did not tell is said to be missing. */
export const explainText = (explanation: RegimeExplanation): readonly string[] => {
  const { market, scoring } = explanation;
  const { symbol, interval, regime, dwellCandles, probabilities, decision, agreementRatio, conformalSet } = market;
  const since = `for ${dwellCandles} candle${dwellCandles === 1 ? '' : 's'}`;
  const lines = [
    `${symbol} ${interval}, candle of ${new Date(market.openTimeMs).toISOString()}${market.state === 'warming' ? ' (warming up: not to be relied on)' : ''}`,
    `regime ${regime.id} "${regime.name}", probability ${share(regime.probability)}, ${since}`,
  ];
  if (conformalSet !== undefined)
    lines.push(`nine times in ten the true one is among: ${conformalSet.filter(isMarket).map(nameOf).join(', ')}`);
  lines.push('', 'Last decision:');
  if (decision === undefined) lines.push('  not told by this service');
  else lines.push(`  ${decision.kind}`, ...decision.reasons.map((reason) => `  - ${reason}`));
  lines.push('', 'What speaks for it, factor by factor:', ...factorLines(probabilities));
  lines.push('', 'What each method says:');
  if (scoring === null) lines.push('  not told by this service');
  else lines.push(...scoring.methods.map((method) => voteOf(method, scoring)));
  if (agreementRatio !== undefined) lines.push(`  together they agree by ${share(agreementRatio)}`);
  if (market.stabilityRatio !== undefined)
    lines.push(
      '',
      `Stability: ${market.stabilityRatio.toFixed(2)}, ${(market.stabilityBand ?? '').replaceAll('_', ' ')}`,
    );
  lines.push('', 'What would change it:', ...changeLines(explanation));
  return lines;
};
