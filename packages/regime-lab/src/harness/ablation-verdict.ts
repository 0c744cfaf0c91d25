import type { AblationFinding, AblationRow, AblationVerdict, PartKind } from '../report.ts';
import { leastSignFlipChance } from '../score/sign-test.ts';
import type { AblatedPart } from './ablation-plan.ts';

/** What a part has to add to the accuracy; of the log loss any certain gain counts. */
const LEAST_ACCURACY_GAIN_RATIO = 0.003;
const SURE_RATIO = 0.05;
const MOST_SHOWN = 3;

/** How each figure is better: accuracy by more, log loss by less. */
const BETTER = { accuracy: 1, 'log loss': -1 } as const;
const FIGURES = ['accuracy', 'log loss'] as const;

const findingsIn = (rows: readonly AblationRow[]): AblationFinding[] => {
  const looks = FIGURES.length * rows.length;
  return rows.flatMap(({ scenario, hasHistory, period, accuracyGain, logLossGain }) =>
    FIGURES.map((figure) => {
      const gain = figure === 'accuracy' ? accuracyGain : logLossGain;
      // Bonferroni: among so many looks chance alone shows something one time in twenty.
      const isCertain = gain.chanceRatio * looks < SURE_RATIO;
      return { scenario, hasHistory, period, figure, gain, isCertain };
    }),
  );
};

const isBeyond = ({ figure, gain: { interval } }: AblationFinding, side: 1 | -1): boolean =>
  interval.every((edge) => edge * side * BETTER[figure] > 0);
/** Whether it is as much as a part has to add. */
const isEnough = ({ figure, gain }: AblationFinding): boolean =>
  figure === 'log loss' || gain.mean >= LEAST_ACCURACY_GAIN_RATIO;

const bySureness = (left: AblationFinding, right: AblationFinding): number =>
  left.gain.chanceRatio - right.gain.chanceRatio || Math.abs(right.gain.mean) - Math.abs(left.gain.mean);

const signed = (value: number, decimals: number): string => `${value > 0 ? '+' : ''}${value.toFixed(decimals)}`;

/** Returns `garch-jumps-easy-d300, young, with history: log loss -0.0105 (-0.0160 to -0.0052)`. */
const findingText = ({ scenario, hasHistory, period, figure, gain }: AblationFinding): string => {
  const place = [scenario, ...(period === 'young' ? ['young'] : []), ...(hasHistory ? ['with history'] : [])].join(
    ', ',
  );
  const scale = figure === 'accuracy' ? 100 : 1;
  const decimals = figure === 'accuracy' ? 2 : 4;
  const edges = gain.interval.map((edge) => signed(scale * edge, decimals)).join(' to ');
  const unit = figure === 'accuracy' ? ' points' : '';
  return `${place}: ${figure} ${signed(scale * gain.mean, decimals)}${unit} (${edges})`;
};

const listText = (findings: readonly AblationFinding[]): string => {
  const more = findings.length - MOST_SHOWN;
  return `${findings.slice(0, MOST_SHOWN).map(findingText).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
};

const NOTES: Readonly<Record<PartKind, string>> = {
  base: ' The base cannot be switched off altogether: only its word in the pool was; the others stand on its levels and learn from its labels.',
  method: '',
  learner: ' The other four learners were still heard: what any of them can do as well is not counted here.',
  learners: '',
};

/** What a verdict rests on. */
interface Weighed {
  readonly outcome: AblationVerdict['outcome'];
  /** Gains off zero on the good side, the surest first, and those of them that are as much as a part has to add. */
  readonly helps: readonly AblationFinding[];
  readonly enough: readonly AblationFinding[];
  /** All figures of the part. */
  readonly looks: number;
  readonly seeds: number;
}

const outcomeText = ({ outcome, helps, enough, looks, seeds }: Weighed): string => {
  if (outcome === 'earned') return `earns its place on ${listText(enough.filter(({ isCertain }) => isCertain))}.`;
  const isTooFew = leastSignFlipChance(seeds) * looks >= SURE_RATIO;
  const caution = isTooFew ? ` With ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} nothing can be certain.` : '';
  if (helps.length === 0) return `earns it nowhere: none of ${looks} gains is off zero on the good side.${caution}`;
  const found = `${helps.length} of ${looks} gains are off zero on the good side`;
  if (enough.length === 0) {
    return `earns it nowhere: ${found}, none by ${100 * LEAST_ACCURACY_GAIN_RATIO} points of accuracy or in log loss.${caution}`;
  }
  // Intervals of a few seeds are too narrow for this to be said of them.
  const byChance = isTooFew ? '' : `, as ${(looks * SURE_RATIO * 0.5).toFixed(1)} would be by chance`;
  return `earns it nowhere for certain: ${found}${byChance}; the surest on ${listText(enough)}.${caution}`;
};

/** Returns whether a part earns its place, from all rows of it, each over so many seeds. */
export const verdictOn = (
  { name, kind }: AblatedPart,
  rows: readonly AblationRow[],
  seeds: number,
): AblationVerdict => {
  const findings = findingsIn(rows).toSorted(bySureness);
  const helps = findings.filter((finding) => isBeyond(finding, 1));
  const harms = findings.filter((finding) => isBeyond(finding, -1));
  const enough = helps.filter(isEnough);
  const isEarned = enough.some(({ isCertain }) => isCertain);
  const outcome: AblationVerdict['outcome'] = isEarned ? 'earned' : enough.length > 0 ? 'doubtful' : 'nowhere';
  const certainHarms = harms.filter(({ isCertain }) => isCertain);
  const harmText = certainHarms.length > 0 ? ` Harms on ${listText(certainHarms)}.` : '';
  const weighed = { outcome, helps, enough, looks: findings.length, seeds };
  const text = `${outcomeText(weighed)}${harmText}${NOTES[kind]}`;
  return { part: name, kind, outcome, helps, harms, text };
};
