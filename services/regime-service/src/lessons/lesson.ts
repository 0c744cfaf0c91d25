import type { Candle } from '@qt/contracts';
import {
  type EngineClassification,
  type EngineUpdate,
  RegimeEngine,
  type RegimeEngineOptions,
  type RegimeEngineState,
} from '@qt/regime';

/** A market's past, and the engine that shall know it. */
export interface LessonRequest {
  readonly options: RegimeEngineOptions;
  /** Oldest first. */
  readonly history: readonly Candle[];
  /** Whether each candle is also told of as an engine would have seen it that knew only those before it. */
  readonly tellsEach: boolean;
}

/** What a new engine has learned from a market's past. Plain values: it crosses processes as it is. */
export interface Lesson {
  /** One per candle of the history, or none when that was not asked for. */
  readonly seen: readonly EngineUpdate[];
  /** Of the newest candle, knowing all of them; null when there is none. */
  readonly newest: EngineClassification | null;
  readonly state: RegimeEngineState;
}

/** Candles between two calls of `tell`. */
const TOLD_CANDLES = 500;

/** Teaches a new engine a market's past; `tell` is given what was seen of the candles, piece by piece. Takes some 0.2 ms per candle. */
export const teach = (
  { options, history, tellsEach }: LessonRequest,
  tell: (seen: readonly EngineUpdate[]) => void,
): Pick<Lesson, 'newest' | 'state'> => {
  const scout = new RegimeEngine(options);
  for (let first = 0; tellsEach && first < history.length; first += TOLD_CANDLES)
    tell(history.slice(first, first + TOLD_CANDLES).map((candle) => scout.update(candle)));
  const engine = new RegimeEngine(options);
  const newest = engine.calibrate(history);
  return { newest, state: engine.save() };
};
