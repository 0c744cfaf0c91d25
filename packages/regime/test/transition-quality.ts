/** How well a published path follows the true one. Causal: a change may come up to 60 candles late, never early. */
export interface TransitionQuality {
  /** Share of the published changes that did not go back within ten candles. */
  readonly standingRatio: number;
  /** F1 of changes of the volatility level, to the right level. */
  readonly volatilityF1: number;
  /** Share of the true changes that lasted 20 candles and were published, to the right regime. */
  readonly recall: number;
  /** Published changes per 1000 candles that match no true one. */
  readonly falsePer1000: number;
}

const WINDOW_CANDLES = 60;
const UNDONE_CANDLES = 10;
const LASTING_CANDLES = 20;

type Path = ArrayLike<number>;
const changesOf = (path: Path, from: number): readonly number[] =>
  Array.from({ length: path.length - from }, (_, index) => from + index).filter((at) => path[at] !== path[at - 1]);

/** Each published change takes the earliest true one to the same target that is still free: one to one. */
const matchesOf = (
  truth: Path,
  path: Path,
  changes: { truths: readonly number[]; said: readonly number[] },
): number => {
  const free = new Set(changes.truths);
  for (const at of changes.said) {
    for (const true_ of free) {
      if (true_ > at) break;
      if (at - true_ > WINDOW_CANDLES || truth[true_] !== path[at]) continue;
      free.delete(true_);
      break;
    }
  }
  return changes.truths.length - free.size;
};

/** Returns the quality of `path` from candle `from` on. */
export const transitionQualityOf = (truth: Path, path: Path, from: number): TransitionQuality => {
  const truths = changesOf(truth, from);
  const said = changesOf(path, from);
  const undone = said.filter((at) => {
    const left = path[at - 1];
    for (let later = at + 1; later <= at + UNDONE_CANDLES; later += 1) if (path[later] === left) return true;
    return false;
  });
  const levelsOf = (ids: Path): Path => Array.from(ids, (id) => Math.floor(id / 6));
  const levels = { truth: levelsOf(truth), path: levelsOf(path) };
  const levelChanges = { truths: changesOf(levels.truth, from), said: changesOf(levels.path, from) };
  const lasting = truths.filter((at, index) => (truths[index + 1] ?? truth.length) - at >= LASTING_CANDLES);
  return {
    standingRatio: said.length === 0 ? 1 : 1 - undone.length / said.length,
    volatilityF1:
      (2 * matchesOf(levels.truth, levels.path, levelChanges)) /
      (levelChanges.truths.length + levelChanges.said.length),
    recall: matchesOf(truth, path, { truths: lasting, said }) / lasting.length,
    falsePer1000: (1_000 * (said.length - matchesOf(truth, path, { truths, said }))) / (truth.length - from),
  };
};
