import type { RealReport } from '../real/real-report.ts';
import {
  type AblationVerdict,
  type ClassifierRow,
  type EvaluationReport,
  FIGURES_EXPLAINED,
  type GateResult,
  type MetricName,
  type ScenarioReport,
  type SeedFigure,
  type TimelineSample,
} from '../report.ts';
import { confusionPlot } from './confusion-plot.ts';
import { delayPlot } from './delay-plot.ts';
import { element, type Markup } from './markup.ts';
import { type Cell, figure, legend, page, table } from './page.ts';
import { realSections } from './real-tables.ts';
import { REGIME_IDS } from './regime-colors.ts';
import { reliabilityPlot } from './reliability-plot.ts';
import { timelinePlot } from './timeline-plot.ts';

/** What is shown of each classifier, what gates ask for first; the JSON beside the page holds all of it. */
const COLUMNS: readonly (readonly [MetricName, string])[] = [
  ['accuracyRatio', 'accuracy'],
  ['publishedAccuracyRatio', 'published'],
  ['shareOfCeilingRatio', 'of ceiling'],
  ['logLoss', 'log loss'],
  ['eceRatio', 'ECE'],
  ['conformalCoverageRatio', 'sets cover'],
  ['transitionKeptRatio', 'T1'],
  ['volatilityChangeF1Ratio', 'T2'],
  ['changeRecallRatio', 'T3'],
  ['falseChangesPer1000', 'T4'],
  ['delayMedianCandles', 'delay'],
  ['balancedAccuracyRatio', 'balanced'],
];

/** Shares without their sign: a table of them is narrow enough to be seen whole. */
const numberText = (name: string, value: number): string =>
  name.endsWith('Ratio') ? (100 * value).toFixed(1) : value.toFixed(Math.abs(value) < 10 ? 2 : 1);

const figureText = (name: MetricName, found: SeedFigure | undefined): string =>
  found === undefined ? '–' : `${numberText(name, found.mean)} (${numberText(name, found.worst)})`;

const historyText = (hasHistory: boolean): string => (hasHistory ? 'with history' : 'no history');

const gateNumber = (value: number): string => String(Number(value.toPrecision(3)));

const gateCells = (gate: GateResult): (Cell | string)[] => [
  { text: gate.scenario, class: 'text' },
  { text: gate.gate, class: 'text' },
  { text: `${gate.classifier}, ${historyText(gate.hasHistory)}`, class: 'text' },
  gate.passed ? { text: 'met', class: 'met' } : { text: `missed by ${gateNumber(gate.missedBy)}`, class: 'missed' },
  gate.aim,
  gateNumber(gate.mean),
  gate.worstSeed === null ? '–' : `${gateNumber(gate.worst)} (${gate.worstSeed})`,
  { text: gate.note, class: 'wide' },
];

const gateSection = (gates: readonly GateResult[]): Markup | null => {
  if (gates.length === 0) return null;
  const missed = gates.filter(({ passed }) => !passed);
  const heads = ['market', 'gate', 'classifier', 'verdict', 'aim', 'mean', 'worst (seed)', 'note'];
  return element(
    'section',
    {},
    element('h2', {}, `Gates: ${gates.length - missed.length} of ${gates.length} met`),
    missed.length === 0
      ? element('p', {}, 'None was missed.')
      : [element('h3', {}, 'Missed'), table(heads, missed.map(gateCells))],
    element('details', {}, element('summary', {}, 'All gates'), table(heads, gates.map(gateCells))),
  );
};

const figuresTable = (rows: readonly ClassifierRow[]): Markup =>
  table(
    ['classifier', ...COLUMNS.map(([, head]) => head)],
    rows.map((row) => [
      `${row.classifier}, ${historyText(row.hasHistory)}`,
      ...COLUMNS.map(([name]) => figureText(name, row.figures[name])),
    ]),
  );

/** The sample that the page is about: the engine's, with history where there is one. */
const mainSample = (timelines: readonly TimelineSample[]): TimelineSample | undefined => {
  const own = timelines.filter(({ classifier }) => classifier !== 'ceiling');
  return own.find(({ hasHistory }) => hasHistory) ?? own[0] ?? timelines[0];
};

const timelineOf = (name: string, timelines: readonly TimelineSample[]): Markup[] => {
  const main = mainSample(timelines);
  if (main === undefined || main.closes.length < 2) return [];
  const { closes, trueIds, publishedIds, seed, firstCandle, classifier, hasHistory } = main;
  const buckets = closes.map((close, index) => ({
    openTimeMs: firstCandle + index,
    lowClose: close,
    highClose: close,
    lastClose: close,
    regimeId: publishedIds[index] ?? 0,
  }));
  const same = timelines.filter((sample) => sample.seed === seed && sample.firstCandle === firstCandle);
  const strips = [
    { name: 'true', regimeIds: trueIds },
    ...same.map((sample) => ({
      name: sample.hasHistory ? `${sample.classifier} +h` : sample.classifier,
      regimeIds: sample.publishedIds,
    })),
  ];
  const all = strips.flatMap(({ regimeIds }) => regimeIds);
  const shares = REGIME_IDS.map((id) => all.filter((other) => other === id).length / Math.max(1, all.length));
  return [
    figure(
      `Price over the published regime (${classifier}, ${historyText(hasHistory)}, seed ${seed}, candles ${firstCandle} to ${firstCandle + closes.length - 1}); below it the truth and what others published`,
      timelinePlot({
        title: `${name} over time`,
        buckets,
        regimeIds: publishedIds,
        strips,
        placeText: ({ openTimeMs }) => String(openTimeMs),
      }),
    ),
    legend(shares),
  ];
};

const picturesOf = (name: string, row: ClassifierRow): Markup =>
  element(
    'div',
    {},
    element('h3', {}, `${row.classifier}, ${historyText(row.hasHistory)}`),
    element(
      'div',
      { class: 'pair' },
      figure(
        `Promised and kept (calibration error ${row.pooledEceRatio.toFixed(3)})`,
        reliabilityPlot(row.reliability, `${name}: reliability`),
      ),
      figure('Delay', delayPlot(row.delays, `${name}: delay`)),
    ),
    figure(
      'What each true regime was called, in per cent of its candles',
      confusionPlot(row.confusion, `${name}: confusion`),
    ),
  );

const scenarioDetails = (report: ScenarioReport, isFirst: boolean): Markup => {
  const { name, rows, ceilingKind, timelines } = report;
  const main = mainSample(timelines);
  const shown =
    rows.find((row) => row.classifier === main?.classifier && row.hasHistory === main.hasHistory) ?? rows[0];
  return element(
    'details',
    isFirst ? { open: 'open' } : {},
    element('summary', {}, name),
    element(
      'p',
      { class: 'quiet' },
      `Mean over the seeds, the worst seed in brackets; shares in per cent. The ceiling is ${ceilingKind === 'exact' ? 'the Bayes filter with the true parameters' : 'a filter near to the Bayes filter: a lower bound'}.`,
    ),
    figuresTable(rows),
    shown === undefined ? null : picturesOf(name, shown),
    timelineOf(name, timelines),
  );
};

const OUTCOMES: Readonly<Record<AblationVerdict['outcome'], Cell>> = {
  earned: { text: 'earned', class: 'met' },
  doubtful: { text: 'doubtful' },
  nowhere: { text: 'nowhere', class: 'missed' },
};

const ablationSection = ({ ablation }: EvaluationReport): Markup | null =>
  ablation === null
    ? null
    : element(
        'section',
        {},
        element('h2', {}, 'What each part is worth'),
        element(
          'p',
          {},
          `The whole engine less the engine without the part, paired by seed: accuracy in points, log loss in nats (below 0 the part helps). Young: before candle 4,000. History: ${ablation.historyCandles} unlabeled candles of another seed first. A place is earned where .3 points or a better log loss would not be shown by chance in one of all rows of the part.`,
        ),
        table(
          ['part', 'its place', 'why'],
          ablation.verdicts.map(({ part, outcome, text }) => [
            part,
            OUTCOMES[outcome],
            { text, class: 'wide' as const },
          ]),
        ),
        element(
          'details',
          {},
          element('summary', {}, 'All rows'),
          table(
            ['part', 'market', 'candles', 'accuracy', '95 % interval', 'log loss', '95 % interval'],
            ablation.rows.map(({ part, scenario, hasHistory, period, accuracyGain, logLossGain }) => [
              part,
              { text: `${scenario}, ${historyText(hasHistory)}`, class: 'text' as const },
              { text: period, class: 'text' as const },
              (100 * accuracyGain.mean).toFixed(2),
              accuracyGain.interval.map((edge) => (100 * edge).toFixed(2)).join(' to '),
              logLossGain.mean.toFixed(4),
              logLossGain.interval.map((edge) => edge.toFixed(4)).join(' to '),
            ]),
          ),
        ),
      );

/** Returns the page of an evaluation: gates, every market with its pictures, ablation, real candles. Either report may be left out. */
export const evaluationPage = (report: EvaluationReport | null, real: RealReport | null): string =>
  page(
    'How good the regime detector is',
    report === null
      ? null
      : [
          element(
            'p',
            { class: 'quiet' },
            `Seeds ${report.seeds.join(', ')}; ${report.candles} candles each, the first ${report.skippedCandles} not scored.`,
          ),
          report.scenarios.length === 0 ? null : element('p', { class: 'quiet' }, FIGURES_EXPLAINED),
          gateSection(report.gates),
          report.scenarios.map((scenario, index) => scenarioDetails(scenario, index === 0)),
          ablationSection(report),
        ],
    real === null ? null : realSections(real),
  );
