import { regimeOf } from '@qt/regime';
import type { ExplainedMarket, RegimeExplanation, ScoringInside } from './regime-service-pages.ts';

const LEVELS = ['low', 'medium', 'high'];
const STRUCTURES = ['trending', 'mean-reverting'];
const TRENDS = ['strong down', 'down', 'neutral', 'up', 'strong up'];
/** Where each factor's classes stand in a vector of ten. */
const FACTORS = [
  { name: 'volatility', first: 0, classes: LEVELS },
  { name: 'structure', first: 3, classes: STRUCTURES },
  { name: 'trend', first: 5, classes: TRENDS },
] as const;
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
  const votes = FACTORS.map(({ name, first, classes }) => {
    const vote = method.factors.slice(first, first + classes.length);
    const best = vote.indexOf(Math.max(...vote));
    const weight = method.weights[scoring.factors.indexOf(name)];
    return `${classes[best] ?? '?'} ${share(vote[best] ?? 0)} (weight ${weight === undefined ? '?' : share(weight)})`;
  });
  return `  ${method.name}: ${votes.join(', ')}`;
};

/** Returns the regime that is next in line, and how much it lacks. */
export const rivalOf = ({
  probabilities,
  regime,
}: ExplainedMarket): { readonly id: number; readonly lackRatio: number } => {
  const rivals = probabilities.map((probability, id) => ({ id, probability })).filter(({ id }) => id !== regime.id);
  const rival = rivals.reduce((best, one) => (one.probability > best.probability ? one : best));
  return { id: rival.id, lackRatio: (probabilities[regime.id] ?? 0) - rival.probability };
};

const changeLines = ({ market, decider }: RegimeExplanation): readonly string[] => {
  const rival = rivalOf(market);
  const lines = [
    rival.lackRatio > 0
      ? `  regime ${nameOf(rival.id)} is next in line, ${share(rival.lackRatio)} behind`
      : `  regime ${nameOf(rival.id)} already leads by ${share(-rival.lackRatio)} and is not sure enough yet`,
  ];
  const { marginRatio, upwardMarginShare = 1, minDwellCandles, confidenceThreshold, shockProbability } = decider ?? {};
  const isUpward = Math.floor(rival.id / SLOTS) > Math.floor(market.regime.id / SLOTS);
  if (marginRatio !== undefined) {
    const lead = share(marginRatio * (isUpward ? upwardMarginShare : 1));
    lines.push(
      `  it must lead by ${lead}, smoothed over a few candles${isUpward ? '; a move to higher volatility needs less' : ''}`,
    );
  }
  if (confidenceThreshold !== undefined)
    lines.push(`  it and its neighbors must together have ${share(confidenceThreshold)}`);
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
