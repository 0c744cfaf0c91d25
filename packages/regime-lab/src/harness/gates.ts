import type { ClassifierRow, GateResult, ScenarioReport } from '../report.ts';
import { seedFigureOf } from '../score/bootstrap.ts';
import { type Aim, AIMS, isGraded, QUICK_AIMS } from './aims.ts';
import { BASELINES, DUMMIES } from './entrants.ts';
import type { SeedResult } from './evaluate-seed.ts';

const AIM_OVER_BASELINES = 0.05;
const ECE_AIM = 0.03;

const missOf = (value: number, { atLeast, atMost }: Aim): number =>
  Math.max(0, (atLeast ?? Number.NEGATIVE_INFINITY) - value, value - (atMost ?? Number.POSITIVE_INFINITY));

const aimText = ({ atLeast, atMost }: Pick<Aim, 'atLeast' | 'atMost'>): string => {
  if (atLeast !== undefined && atMost !== undefined) return `${atLeast} to ${atMost}`;
  return atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
};

const gateOfAim = (report: ScenarioReport, row: ClassifierRow, aim: Aim): GateResult => {
  const figure = row.figures[aim.metric];
  const base = {
    gate: aim.gate,
    scenario: report.name,
    classifier: row.classifier,
    hasHistory: row.hasHistory,
    aim: aimText(aim),
  };
  if (figure === undefined) {
    return {
      ...base,
      mean: 0,
      worst: 0,
      worstSeed: null,
      passed: false,
      missedBy: 1,
      note: 'not said by the classifier',
    };
  }
  const missedBy = missOf(figure.mean, aim);
  const { mean, worst, worstSeed } = figure;
  const note = missedBy > 0 ? (aim.note ?? whyMissed(report, row, aim)) : '';
  return { ...base, mean, worst, worstSeed, passed: missedBy === 0, missedBy, note };
};

/** Returns what explains a miss: what the filter that knows all parameters reaches, or how much of it is the cold start. */
const whyMissed = (report: ScenarioReport, row: ClassifierRow, aim: Aim): string => {
  if (aim.metric === 'shareOfCeilingRatio') {
    return `${(row.figures.lateShareOfCeilingRatio?.mean ?? 0).toFixed(3)} in the second half, the cold start left out`;
  }
  const ceiling = report.rows.find(({ classifier }) => classifier === 'ceiling')?.figures[aim.metric];
  if (ceiling === undefined) return '';
  const text = `the filter told all parameters reaches ${ceiling.mean.toFixed(3)}`;
  return missOf(ceiling.mean, aim) > 0 ? `${text}, which misses as well` : text;
};

/** The better of what a classifier finds likeliest and what it publishes. */
const bestAccuracyOf = ({ scores }: SeedResult): number =>
  Math.max(scores.metrics.accuracyRatio ?? 0, scores.metrics.publishedAccuracyRatio ?? 0);

const rivalGate = (
  report: ScenarioReport,
  own: readonly SeedResult[],
  rivals: readonly SeedResult[],
): GateResult | null => {
  const [first] = own;
  const rivalName = rivals[0] === undefined ? '' : rivals[0].entrant.classifier;
  if (first === undefined || rivals.length === 0) return null;
  const pairs = own.flatMap((mine) => {
    const theirs = rivals.find(({ seed }) => seed === mine.seed);
    const accuracy = mine.scores.metrics.accuracyRatio ?? 0;
    return theirs === undefined ? [] : [{ seed: mine.seed, lead: accuracy - bestAccuracyOf(theirs) }];
  });
  const figure = seedFigureOf(
    pairs.map(({ lead }) => lead),
    pairs.map(({ seed }) => seed),
    'high',
  );
  const [low, high] = figure.interval;
  const missedBy = Math.max(0, AIM_OVER_BASELINES - figure.mean, -low);
  return {
    gate: `accuracy over ${rivalName}`,
    scenario: report.name,
    classifier: first.entrant.classifier,
    hasHistory: first.entrant.hasHistory,
    aim: `>= ${AIM_OVER_BASELINES}, interval above 0`,
    mean: figure.mean,
    worst: figure.worst,
    worstSeed: figure.worstSeed,
    passed: missedBy === 0 && low > 0,
    missedBy,
    note: `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}, paired by seed`,
  };
};

const calibrationGate = (report: ScenarioReport, row: ClassifierRow): GateResult => {
  const perSeed = row.figures.eceRatio;
  const missedBy = Math.max(0, row.pooledEceRatio - ECE_AIM);
  return {
    gate: 'calibration error',
    scenario: report.name,
    classifier: row.classifier,
    hasHistory: row.hasHistory,
    aim: `< ${ECE_AIM}`,
    mean: row.pooledEceRatio,
    worst: perSeed?.worst ?? row.pooledEceRatio,
    worstSeed: perSeed?.worstSeed ?? null,
    passed: row.pooledEceRatio < ECE_AIM,
    missedBy,
    note: 'all seeds in one table; the worst is of one seed alone',
  };
};

/** Whether an aim is one of T1 to T4. */
const isOfTransitions = ({ gate }: Aim): boolean => /^T[1-4] /.test(gate);

/** Gates of transitions that a dummy passes measure nothing: it has to miss one of those the engine is held to on this market. */
const dummyGate = (report: ScenarioReport, row: ClassifierRow, aims: readonly Aim[]): GateResult => {
  const missed = aims.filter(isOfTransitions).filter((aim) => !gateOfAim(report, row, aim).passed);
  return {
    gate: 'dummy fails T1 to T4',
    scenario: report.name,
    classifier: row.classifier,
    hasHistory: false,
    aim: '>= 1 missed',
    mean: missed.length,
    worst: missed.length,
    worstSeed: null,
    passed: missed.length > 0,
    missedBy: missed.length > 0 ? 0 : 1,
    note: missed.map(({ gate }) => gate).join(', '),
  };
};

/** Returns the results of a baseline that has seen what the engine has; those without history where it ran without only. */
const rivalsLike = (row: ClassifierRow, results: readonly SeedResult[], baseline: string): readonly SeedResult[] => {
  const all = results.filter(({ entrant }) => entrant.classifier === baseline);
  const alike = all.filter(({ entrant }) => entrant.hasHistory === row.hasHistory);
  return alike.length > 0 ? alike : all;
};

/** Returns every gate of a scenario. `isQuick`: the loose floors of a quick look instead. */
export const gatesOf = (
  report: ScenarioReport,
  results: readonly SeedResult[],
  { isQuick }: { readonly isQuick: boolean },
): GateResult[] => {
  const engines = report.rows.filter(({ classifier }) => classifier === 'engine');
  const aims = (isQuick ? QUICK_AIMS : AIMS).filter(({ holdsFor }) => holdsFor?.(report.scenario) ?? true);
  const dummies = report.rows.filter(({ classifier }) => DUMMIES.some((name) => name === classifier));
  const gates = engines.flatMap((row) => aims.map((aim) => gateOfAim(report, row, aim)));
  const failing = dummies.map((row) => dummyGate(report, row, aims));
  if (isQuick) return [...gates, ...failing];
  // Of the other markets nothing is asked.
  if (!isGraded(report.scenario)) return gates;
  const rivals = engines.flatMap((row) => {
    const own = results.filter(
      ({ entrant }) => entrant.classifier === 'engine' && entrant.hasHistory === row.hasHistory,
    );
    return BASELINES.map((baseline) => rivalGate(report, own, rivalsLike(row, results, baseline)));
  });
  return [
    ...gates,
    ...engines.map((row) => calibrationGate(report, row)),
    ...rivals.filter((gate) => gate !== null),
    ...failing,
  ];
};
