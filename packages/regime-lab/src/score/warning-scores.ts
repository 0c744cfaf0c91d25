import { changesIn, type RunRecord } from './run-record.ts';

// Taken once: this is the hot path.
const { floor, max, round } = Math;

const ALARM_SHARE = 0.01;
/** How often the alarms are moved in time to see what lead they would have had by chance. */
const NULL_SHIFTS = 40;

/** Skill in seeing changes before they come, against two nulls: a constant hazard, and a hazard by age alone. */
export interface WarningScores {
  /** Chance that a candle before a change is rated above one that is not; the constant hazard has .5. */
  readonly auc: number;
  /** How much of it is more than the time since the last published change tells, whether old regimes end sooner or young ones. */
  readonly aucOverDuration: number;
  /** Share of alarms, one per 100 candles, that a change follows within the horizon. */
  readonly precisionRatio: number;
  /** Precision of the constant hazard: how often a change follows anyway. */
  readonly baseRatio: number;
  /** Mean candles between the first alarm and the change, 0 for a change not warned of, minus the same of alarms moved in time. */
  readonly leadSkillCandles: number;
}

/** Returns the area under the receiver operating curve; ties count half. NaN when one of both kinds is missing. */
export const areaUnderCurve = (scores: ArrayLike<number>, isPositive: Uint8Array): number => {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index).sort(
    (left, right) => (scores[left] ?? 0) - (scores[right] ?? 0),
  );
  let rankSum = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let tied = 0;
    const score = scores[order[from] ?? 0];
    for (; to < order.length && scores[order[to] ?? 0] === score; to += 1) tied += isPositive[order[to] ?? 0] ?? 0;
    rankSum += tied * ((from + to + 1) / 2);
    positives += tied;
    from = to;
  }
  const negatives = order.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
};

/** Marks the `share` of candles with the highest scores; where scores are tied at the edge, evenly spread ones of the tied. */
const alarmsOf = (scores: Float64Array, share: number): Uint8Array => {
  const alarms = new Uint8Array(scores.length);
  const wanted = max(1, round(share * scores.length));
  const edge = scores.toSorted()[scores.length - wanted] ?? 0;
  const above = scores.reduce((count, score) => (score > edge ? count + 1 : count), 0);
  const tied = scores.reduce((count, score) => (score === edge ? count + 1 : count), 0);
  const stride = tied / (wanted - above);
  let seen = 0;
  let next = 0;
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index] ?? 0;
    if (score > edge) alarms[index] = 1;
    if (score !== edge) continue;
    if (seen >= next) {
      alarms[index] = 1;
      next += stride;
    }
    seen += 1;
  }
  return alarms;
};

interface Alarms {
  readonly alarms: Uint8Array;
  readonly changes: readonly number[];
  readonly horizon: number;
}

/** Returns the mean lead of the alarms, moved `shift` candles on (around the end). */
const meanLead = ({ alarms, changes, horizon }: Alarms, shift: number): number => {
  const candles = alarms.length;
  let total = 0;
  for (const at of changes) {
    for (let lead = horizon; lead >= 1; lead -= 1) {
      if (at - lead < 0 || alarms[(at - lead + candles - shift) % candles] !== 1) continue;
      total += lead;
      break;
    }
  }
  return total / changes.length;
};

const dwellsOf = (published: Uint8Array, first: number): Float64Array => {
  const dwells = new Float64Array(published.length - first);
  let dwell = 0;
  for (let index = 0; index < published.length; index += 1) {
    dwell = index > 0 && published[index] === published[index - 1] ? dwell + 1 : 1;
    if (index >= first) dwells[index - first] = dwell;
  }
  return dwells;
};

/** Returns the warning skill of a run within `horizon` candles; null when the classifier gives no warning. */
export const warningScoresOf = (record: RunRecord, horizon: 10 | 30): WarningScores | null => {
  const { truth, firstScored, candles, publishedIds } = record;
  const said = horizon === 10 ? record.changeWithin10 : record.changeWithin30;
  // The last candles cannot be judged: their horizon is not over.
  const scores = said.slice(firstScored, candles - horizon);
  if (scores.some((score) => Number.isNaN(score))) return null;
  const changes = changesIn(truth, firstScored).map(({ at }) => at - firstScored);
  const isPositive = new Uint8Array(scores.length);
  for (const at of changes) isPositive.fill(1, max(0, at - horizon), at);
  const alarms = alarmsOf(scores, ALARM_SHARE);
  let raised = 0;
  let hits = 0;
  for (let index = 0; index < scores.length; index += 1) {
    raised += alarms[index] ?? 0;
    hits += (alarms[index] ?? 0) * (isPositive[index] ?? 0);
  }
  const auc = areaUnderCurve(scores, isPositive);
  const dwells = dwellsOf(publishedIds, firstScored).subarray(0, scores.length);
  const byAge = areaUnderCurve(dwells, isPositive);
  let leadByChance = 0;
  for (let shift = 1; shift <= NULL_SHIFTS; shift += 1) {
    const candlesMoved = floor((shift * scores.length) / (NULL_SHIFTS + 1));
    leadByChance += meanLead({ alarms, changes, horizon }, candlesMoved) / NULL_SHIFTS;
  }
  return {
    auc,
    aucOverDuration: auc - max(byAge, 1 - byAge),
    precisionRatio: hits / raised,
    baseRatio: isPositive.reduce((sum, is) => sum + is, 0) / isPositive.length,
    leadSkillCandles: meanLead({ alarms, changes, horizon }, 0) - leadByChance,
  };
};
