import type {
  AblationReport,
  ClassifierRow,
  EvaluationReport,
  GateResult,
  MetricName,
  PairedGain,
  ScenarioReport,
} from '@qt/regime-lab';
import Table from 'cli-table3';

const LOOK = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};

/** Columns of the table of classifiers: heading, figure, decimals; ratios are shown as they are, 0 to 1. */
const COLUMNS: readonly (readonly [heading: string, metric: MetricName, decimals: number])[] = [
  ['accuracy', 'accuracyRatio', 3],
  ['of ceiling', 'shareOfCeilingRatio', 3],
  ['published', 'publishedAccuracyRatio', 3],
  ['balanced', 'balancedAccuracyRatio', 3],
  ['macro F1', 'macroF1Ratio', 3],
  ['volatility', 'volatilityAccuracyRatio', 3],
  ['structure', 'structureAccuracyRatio', 3],
  ['log loss', 'logLoss', 3],
  ['T1', 'transitionKeptRatio', 3],
  ['T2', 'volatilityChangeF1Ratio', 3],
  ['T3', 'changeRecallRatio', 3],
  ['T4', 'falseChangesPer1000', 1],
  ['delay', 'delayMedianCandles', 0],
  ['sets', 'conformalCoverageRatio', 3],
  ['AUC 10', 'warning10Auc', 3],
];

const cellOf = (row: ClassifierRow, metric: MetricName, decimals: number): string => {
  const figure = row.figures[metric];
  if (figure === undefined) return '-';
  const isShowingWorst = metric === 'accuracyRatio';
  return `${figure.mean.toFixed(decimals)}${isShowingWorst ? ` (${figure.worst.toFixed(decimals)})` : ''}`;
};

const nameOf = ({ classifier, hasHistory }: { readonly classifier: string; readonly hasHistory: boolean }): string =>
  hasHistory ? `${classifier} + history` : classifier;

/** Returns all classifiers on one scenario: means over the seeds, and the worst seed's accuracy in brackets. */
export const scenarioTable = (report: ScenarioReport): string => {
  const table = new Table({ head: [report.name, ...COLUMNS.map(([heading]) => heading), 'ECE'], ...LOOK });
  for (const row of report.rows) {
    const name = row.classifier === 'ceiling' && report.ceilingKind === 'lower-bound' ? 'informed filter' : nameOf(row);
    const cells = COLUMNS.map(([, metric, decimals]) => cellOf(row, metric, decimals));
    table.push([name, ...cells, row.pooledEceRatio.toFixed(3)]);
  }
  return table.toString();
};

const outcomeOf = ({ passed, missedBy }: GateResult): string => (passed ? 'pass' : `missed by ${missedBy.toFixed(3)}`);

/** Returns every aim and what came of it, the missed ones last. */
export const gateTable = (gates: readonly GateResult[]): string => {
  const table = new Table({
    head: ['gate', 'market', 'classifier', 'aim', 'mean', 'worst (seed)', 'outcome', 'note'],
    ...LOOK,
  });
  const ordered = [...gates.filter(({ passed }) => passed), ...gates.filter(({ passed }) => !passed)];
  for (const gate of ordered) {
    table.push([
      gate.gate,
      gate.scenario,
      nameOf(gate),
      gate.aim,
      gate.mean.toFixed(3),
      gate.worstSeed === null ? '-' : `${gate.worst.toFixed(3)} (${gate.worstSeed})`,
      outcomeOf(gate),
      gate.note,
    ]);
  }
  return table.toString();
};

/** As `toFixed`, without a minus before nothing. */
const fixed = (value: number, decimals: number): string => value.toFixed(decimals).replace(/^-(?=[0.]+$)/, '');

const gainText = ({ mean, interval: [low, high] }: PairedGain, scale: number, decimals: number): string => {
  if (low === 0 && high === 0) return 'none at all';
  const [shown, from, to] = [mean, low, high].map((value) => fixed(scale * value, decimals));
  return `${shown} (${from} to ${to})`;
};

/** Returns what each part of the engine adds; a good part has a positive accuracy gain and a negative log loss gain. */
export const ablationTable = ({ rows }: AblationReport): string => {
  const table = new Table({
    head: ['part', 'market', 'candles', 'accuracy gain, points', 'log loss gain'],
    ...LOOK,
  });
  for (const { part, scenario, hasHistory, period, accuracyGain, logLossGain } of rows) {
    const place = hasHistory ? `${scenario} + history` : scenario;
    table.push([part, place, period, gainText(accuracyGain, 100, 2), gainText(logLossGain, 1, 4)]);
  }
  return table.toString();
};

/** Returns one line on each part: where it earns its place, or that it does so nowhere. */
export const ablationVerdicts = ({ verdicts }: AblationReport): string =>
  verdicts.map(({ part, text }) => `${part} ${text}`).join('\n');

/** Returns the last line: how many gates there are and how many were missed, or how many parts earn their place. */
export const verdictOf = ({ gates, ablation }: EvaluationReport): string => {
  if (ablation !== null) {
    const earned = ablation.verdicts.filter(({ outcome }) => outcome === 'earned').length;
    return `${earned} of ${ablation.verdicts.length} parts earn their place for certain`;
  }
  if (gates.length === 0) return 'no gate applies to what ran';
  const missed = gates.filter(({ passed }) => !passed).length;
  if (missed > 0) return `${missed} of ${gates.length} gates missed`;
  return gates.length === 1 ? 'the one gate that applies was passed' : `all ${gates.length} gates passed`;
};
