import type { Interval95 } from '../real/block-bootstrap.ts';
import type { RealMarketReport } from '../real/real-evaluation.ts';
import type { RealReport } from '../real/real-report.ts';
import type { MethodScore, SkillRow } from '../real/skill-row.ts';
import { element, type Markup } from './markup.ts';
import { type Cell, table } from './page.ts';
import { shareText } from './scale.ts';

const signed = (value: number, digits: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(digits)}`;
const between = (interval: Interval95 | null, digits: number, factor = 1): string =>
  interval === null ? '–' : `${signed(factor * interval.low, digits)} to ${signed(factor * interval.high, digits)}`;
const three = ({ accuracyRatio, kappa, correlation }: MethodScore): string =>
  `${shareText(accuracyRatio)} · ${kappa.toFixed(2)} · ${correlation.toFixed(2)}`;

/** A lead in points with its interval, colored where it is beyond doubt. */
const leadCell = (lead: number, interval: Interval95 | null, before = ''): Cell | string => {
  const text = `${before}${signed(100 * lead, 1)} (${between(interval, 1, 100)})`;
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) return text;
  return { text, class: interval.low > 0 ? 'met' : 'missed' };
};

const skillCells = (row: SkillRow): (Cell | string)[] => {
  const { family, factor, labelCeilingRatio, engine, baselines, bestBaseline, lead, leadInterval, skill } = row;
  const best = baselines.find(({ method }) => method === bestBaseline);
  return [
    { text: factor, class: 'text' },
    { text: family, class: 'text' },
    shareText(labelCeilingRatio),
    leadCell(lead, leadInterval),
    skill === null ? 'no room' : `${signed(skill, 2)} (${between(row.skillInterval, 2)})`,
    ...engine.map(three),
    { text: bestBaseline, class: 'text' },
    best === undefined ? '–' : three(best),
  ];
};

const SKILL_HEADS = [
  'factor',
  'labels',
  'label ceiling',
  'lead, points',
  'skill',
  'published',
  'likeliest',
  'named by the past',
  'cold start',
  'best baseline',
  'its accuracy',
] as const;

/** Returns how the engine did against hindsight labels on one market. */
export const skillTable = ({ skills }: RealMarketReport): Markup => table(SKILL_HEADS, skills.map(skillCells));

const definitionTable = ({ skills }: RealMarketReport): Markup =>
  table(
    ['factor', 'labels', 'published', 'renamed in order', 'engine cut best', 'average cut best', 'rank correlation'],
    skills.map(({ family, factor, definition }) => {
      const { publishedRankCorrelation, engineRankCorrelation, averageRankCorrelation } = definition;
      const ranks = [publishedRankCorrelation, engineRankCorrelation, averageRankCorrelation];
      return [
        { text: factor, class: 'text' },
        { text: family, class: 'text' },
        shareText(definition.publishedRatio),
        shareText(definition.relabeledRatio),
        shareText(definition.engineCutsRatio),
        shareText(definition.averageCutsRatio),
        ranks.map((rank) => rank.toFixed(2)).join(' · '),
      ];
    }),
  );

const entrantTable = ({ skills }: RealMarketReport): Markup =>
  table(
    ['factor', 'labels', ...(skills[0]?.entrants ?? []).map(({ method }) => method)],
    skills.map(({ family, factor, entrants }) => [
      { text: factor, class: 'text' },
      { text: family, class: 'text' },
      ...entrants.map(({ accuracyRatio, lead, leadInterval }) =>
        leadCell(lead, leadInterval, `${shareText(accuracyRatio)}; `),
      ),
    ]),
  );

const contrastTable = ({ skills }: RealMarketReport): Markup =>
  table(
    ['factor', 'labels', 'method', 'rival', 'lead, points'],
    skills.flatMap(({ family, factor, contrasts }) =>
      contrasts.map(({ method, rival, lead, leadInterval }): (Cell | string)[] => [
        { text: factor, class: 'text' },
        { text: family, class: 'text' },
        { text: method, class: 'text' },
        { text: rival, class: 'text' },
        leadCell(lead, leadInterval),
      ]),
    ),
  );

const referenceTable = ({ referenceSpans }: RealMarketReport): Markup =>
  table(
    ['thirds of', 'published', 'likeliest', 'average', 'likeliest less average, points'],
    referenceSpans.map(({ spanCandles, publishedRatio, likeliestRatio, averageRatio, leadInterval }) => [
      { text: spanCandles === null ? 'all candles before' : `the last ${spanCandles}`, class: 'text' },
      shareText(publishedRatio),
      shareText(likeliestRatio),
      shareText(averageRatio),
      leadCell(likeliestRatio - averageRatio, leadInterval),
    ]),
  );

const agreementTable = ({ labelAgreement }: RealMarketReport): Markup =>
  table(
    ['factor', 'families', 'agreement', 'kappa', 'candles'],
    labelAgreement.map(({ factor, families, accuracyRatio, kappa, candles }) => [
      factor,
      { text: families.join(' and '), class: 'text' },
      shareText(accuracyRatio),
      kappa.toFixed(2),
      String(candles),
    ]),
  );

const forecastTable = ({ labelFree }: RealMarketReport): Markup =>
  table(
    [
      'forecast',
      'QLIKE of return',
      'less GARCH',
      'QLIKE of range',
      'less GARCH',
      'less HAR',
      'less HAR, 100',
      'log density',
    ],
    labelFree.forecasts.map((score) => [
      score.name,
      score.qlikeOfReturn.toFixed(4),
      between(score.qlikeOfReturnLessGarch, 4),
      score.qlikeOfRange.toFixed(4),
      between(score.qlikeOfRangeLessGarch, 4),
      between(score.qlikeOfRangeLessHar, 4),
      between(score.qlikeOfRangeLessLongHar, 4),
      score.logDensity.toFixed(4),
    ]),
  );

const outcomeText = ({ labelFree }: RealMarketReport): string => {
  const { levels, isMonotone, structures, structureGap } = labelFree;
  const ofLevels = levels.map(({ level, nextVolatility }) =>
    nextVolatility === null ? `${level} never` : `${level} ${(1e4 * nextVolatility).toFixed(1)}`,
  );
  const ofStructures = structures.map(({ structure, varianceRatio }) =>
    varianceRatio === null ? `${structure} never` : `${structure} ${varianceRatio.toFixed(3)}`,
  );
  return `Volatility of the next 20 candles, in bps a candle, after ${ofLevels.join(', ')}: ${isMonotone ? 'monotone' : 'not monotone'}. VR(4) of the next four candles after ${ofStructures.join(', ')}; the difference is ${between(structureGap, 3)}, and should be above 0.`;
};

const marketSection = (market: RealMarketReport): Markup => {
  const { name, candles, judgedCandles, changesPer1000, chain, doubts } = market;
  return element(
    'section',
    {},
    element('h2', {}, name),
    element(
      'p',
      { class: 'quiet' },
      `${candles} candles, ${judgedCandles} judged; ${changesPer1000.toFixed(1)} published changes per 1000. The chain's fit: drifts ${chain.driftMild.toFixed(2)} and ${chain.driftStrong.toFixed(2)} of a candle's scale (at least .10 and .25 are asked for), autoregressions ${chain.arTrending.toFixed(2)} and ${chain.arReverting.toFixed(2)}, mean regime ${(1 / chain.hazard).toFixed(0)} candles.`,
    ),
    doubts.map((doubt) => element('div', { class: 'warning' }, doubt)),
    skillTable(market),
    element('h3', {}, 'On even footing'),
    element(
      'p',
      { class: 'quiet' },
      'Read out: a logistic regression on past labels. Windows: what the baselines read, without the engine. Averages see no label. Leads, in points, are over the best baseline.',
    ),
    entrantTable(market),
    element('details', {}, element('summary', {}, 'Against a rival that knows as much'), contrastTable(market)),
    element('h3', {}, 'If the lines did not matter'),
    element(
      'p',
      { class: 'quiet' },
      'Found afterwards: the published classes renamed in the same order, and what the engine expects, and an exponential average, each cut where it suits best. Rank correlation of published · expected · average with the label.',
    ),
    definitionTable(market),
    element('h3', {}, 'If high meant against the candles before'),
    element(
      'p',
      { class: 'quiet' },
      'Volatility around each candle, in thirds of as many candles before its fold; the average, too, is cut by its own last ones.',
    ),
    referenceTable(market),
    element('h3', {}, 'How much the labels say the same'),
    agreementTable(market),
    element('h3', {}, 'Without labels'),
    forecastTable(market),
    element('p', {}, outcomeText(market)),
  );
};

/** Returns the sections about real candles; what could not be judged comes first. */
export const realSections = ({ markets, unjudged }: RealReport): Markup[] => [
  element(
    'section',
    {},
    element('h2', {}, 'Real candles'),
    element(
      'p',
      {},
      'Nobody knows the true regime of a real market. Three families of labels look back from later; where they do not agree with each other, no figure against one of them means much, so the nearer sibling is the ceiling. Cells show accuracy · kappa · Matthews correlation. Lead: published less best baseline, with a 95 % interval from blocks of candles. Skill: the lead as a share of the room between best baseline and ceiling.',
    ),
    unjudged.map(({ file, reason }) => element('div', { class: 'warning' }, `Not judged: ${file}: ${reason}`)),
  ),
  ...markets.map(marketSection),
];
