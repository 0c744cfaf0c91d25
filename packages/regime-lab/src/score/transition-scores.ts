import { SLOT_COUNT } from '@qt/regime';
import { changesIn, type RegimeChange, type RunRecord } from './run-record.ts';

const UNDONE_WITHIN_CANDLES = 10;
const FOUND_WITHIN_CANDLES = 60;
const LASTING_CANDLES = 20;

/** How well changes of regime are published. Causal windows, every true change found by at most one of ours, false alarms counted. */
export interface TransitionScores {
  /** T1: published changes not undone within 10 candles; 1 when nothing ever changes, so worthless alone. */
  readonly transitionKeptRatio: number;
  /** T2: F1 of changes of the volatility level, to the right level, within 60 candles. */
  readonly volatilityChangeF1Ratio: number;
  /** T3: share of the true changes to a regime of at least 20 candles that were published within 60. */
  readonly changeRecallRatio: number;
  /** T4: published changes that answer no true change, per 1,000 candles. */
  readonly falseChangesPer1000: number;
  readonly publishedChangesPer1000: number;
}

/** Pairs true changes with published ones to the same regime, 0 to 60 candles later; the earliest free one each. Shape: by true change. */
const found = (truths: readonly RegimeChange[], published: readonly RegimeChange[]): readonly boolean[] => {
  const isTaken = new Uint8Array(published.length);
  let start = 0;
  return truths.map(({ at, to }) => {
    while (start < published.length && (published[start]?.at ?? 0) < at) start += 1;
    for (let place = start; place < published.length; place += 1) {
      const candidate = published[place];
      if (candidate === undefined || candidate.at > at + FOUND_WITHIN_CANDLES) return false;
      if (candidate.to !== to || isTaken[place] === 1) continue;
      isTaken[place] = 1;
      return true;
    }
    return false;
  });
};

const isUndone = (changes: readonly RegimeChange[], place: number): boolean => {
  const made = changes[place];
  for (let later = place + 1; made !== undefined && later < changes.length; later += 1) {
    const next = changes[later];
    if (next === undefined || next.at > made.at + UNDONE_WITHIN_CANDLES) return false;
    if (next.to === made.from) return true;
  }
  return false;
};

const countOf = (flags: readonly boolean[]): number => flags.filter(Boolean).length;

/** Returns T1 to T4 of the published path. */
export const transitionScoresOf = ({ truth, publishedIds, firstScored, candles }: RunRecord): TransitionScores => {
  const truths = changesIn(truth, firstScored);
  const published = changesIn(publishedIds, firstScored);
  const isFound = found(truths, published);
  const lasting = truths.map(({ lifeCandles }) => lifeCandles >= LASTING_CANDLES);
  const levelOf = (id: number): number => Math.floor(id / SLOT_COUNT);
  const trueLevels = changesIn(truth, firstScored, levelOf);
  const publishedLevels = changesIn(publishedIds, firstScored, levelOf);
  const undone = published.filter((_, place) => isUndone(published, place)).length;
  const thousands = (candles - firstScored) / 1_000;
  return {
    transitionKeptRatio: published.length === 0 ? 1 : 1 - undone / published.length,
    volatilityChangeF1Ratio:
      (2 * countOf(found(trueLevels, publishedLevels))) / (trueLevels.length + publishedLevels.length),
    changeRecallRatio: countOf(isFound.map((is, place) => is && lasting[place] === true)) / countOf(lasting),
    falseChangesPer1000: (published.length - countOf(isFound)) / thousands,
    publishedChangesPer1000: published.length / thousands,
  };
};
