import { type Candle, INTERVAL_MS, type Interval } from '@qt/contracts';
import type { RegimeSnapshot, StoredCandle } from '@qt/database';
import { messageOf } from '@qt/kernel';
import {
  type EngineClassification,
  type EngineParametersPatch,
  type EngineUpdate,
  type FeedbackTask,
  RegimeEngine,
  type RegimeEngineOptions,
  type RegimeEngineState,
} from '@qt/regime';
import type { ClassifiedCandle, RegimeDetail } from './domain/market-events.ts';
import { isHourlyTurn } from './domain/hourly-turn.ts';
import { type EngineStep, isEngineStep, isTaskKind, type TaskKind } from './jobs/task-kinds.ts';
import type { Lesson, LessonRequest } from './lessons/lesson.ts';
import { MarketQuality } from './domain/market-quality.ts';

/** Candles between two snapshots of one market, when candles leave room for them. */
const SNAPSHOT_CANDLES = 50;
/** So many later the state goes with the candle, room or not: what a restart replays at most. */
const LAST_SNAPSHOT_CANDLES = 2 * SNAPSHOT_CANDLES;

export interface MarketTrackOptions {
  readonly symbol: string;
  readonly interval: Interval;
  /** Keeps markets that close together from saving together. */
  readonly snapshotOffset: number;
  readonly warmupCandles?: number;
  readonly parameters?: EngineParametersPatch;
  /**
   * Set where candles move time, as the market's place among those followed: its engine then takes the steps that the hour and its own
   * figures call for with the very candle that calls for them, so that two replays are the same.
   */
  readonly stepPlace?: number | null;
}

/** A candle of the past and what an engine made of it. */
export interface SeenCandle {
  readonly candle: Candle;
  readonly update: EngineUpdate;
}

/** One market and its engine. */
export class MarketTrack {
  readonly symbol: string;
  readonly interval: Interval;
  /** What the feed has brought, as measured. */
  readonly quality: MarketQuality;
  #options: RegimeEngineOptions;
  readonly #stateVersion: number;
  #engine: RegimeEngine;
  #latest: ClassifiedCandle | null = null;
  #answer: string | null = null;
  readonly #snapshotOffset: number;
  #candlesSinceSnapshot: number;
  #mustSave = false;
  #restoredAtMs: number | null = null;
  readonly #askedSteps = new Set<EngineStep | 'snapshot'>();
  readonly #stepPlace: number | null;
  /** What the figures ask for and the engine does not do itself, by kind. */
  readonly #wishes = new Map<TaskKind, WantedTask>();

  constructor({ symbol, interval, snapshotOffset, warmupCandles, parameters = {}, stepPlace }: MarketTrackOptions) {
    this.symbol = symbol;
    this.interval = interval;
    this.#stepPlace = stepPlace ?? null;
    const intervalMs = INTERVAL_MS[interval];
    this.quality = new MarketQuality(intervalMs);
    this.#options = { intervalMs, parameters, ...(warmupCandles === undefined ? {} : { warmupCandles }) };
    this.#engine = new RegimeEngine(this.#options);
    this.#stateVersion = this.#engine.save().version;
    this.#snapshotOffset = snapshotOffset % SNAPSHOT_CANDLES;
    this.#candlesSinceSnapshot = this.#snapshotOffset;
  }

  get engine(): RegimeEngine {
    return this.#engine;
  }

  /** What was last committed; null before the first candle. */
  get latest(): ClassifiedCandle | null {
    return this.#latest;
  }

  set latest(classified: ClassifiedCandle | null) {
    this.#latest = classified;
    this.#answer = null;
  }

  /** Returns `make`'s text for what was last committed; it is made once per candle, however often it is asked for. */
  answer(make: (track: MarketTrack) => string): string {
    this.#answer ??= make(this);
    return this.#answer;
  }

  /** Open time of the candle whose snapshot this run went on from; null when it began from candles. */
  get restoredAtMs(): number | null {
    return this.#restoredAtMs;
  }

  /** Whether it was asked for the one step that takes tens of milliseconds. */
  get asksForOptimization(): boolean {
    return this.#askedSteps.has('optimize_boundaries');
  }

  /** Takes one candle in; what comes back is not committed yet. An optimization that may not be now waits for the next candle. */
  classify(candle: Candle, { mayOptimize = true }: { readonly mayOptimize?: boolean } = {}): EngineUpdate {
    const previousOpenTimeMs = this.engine.lastOpenTimeMs;
    const update = this.engine.update(candle);
    if (update.kind !== 'classified') return update;
    this.#candlesSinceSnapshot += 1;
    if (this.#stepPlace !== null) this.#stepByCandle(previousOpenTimeMs, candle.openTimeMs, this.#stepPlace);
    for (const step of this.#askedSteps) if (mayOptimize || step !== 'optimize_boundaries') this.#take(step);
    return update;
  }

  /** Returns the tasks that the figures ask for since the last call, most urgent first; steps that were taken already are not among them. */
  takeTasks(): readonly WantedTask[] {
    if (this.#stepPlace === null) return tasksOf(this.engine);
    const wishes = [...this.#wishes.values()];
    this.#wishes.clear();
    return wishes;
  }

  /** Returns what a teacher needs to know of this market; it is not for an engine that has seen candles. */
  lessonOf(history: readonly Candle[], { tellsEach }: Pick<LessonRequest, 'tellsEach'>): LessonRequest {
    return { options: this.#options, history, tellsEach };
  }

  /**
   * Goes on from what was learned of unlabeled history that lies before everything live, and returns what is to be stored of it, refusals
   * included. What is stored of a candle knows nothing of later ones; only the newest is as the live engine sees it, which has learned
   * from all.
   */
  takeLesson(history: readonly Candle[], { seen, newest, state }: Lesson): readonly SeenCandle[] {
    this.#engine.restore(state);
    this.#mustSave = true;
    const at = seen.findLastIndex(({ kind }) => kind === 'classified');
    // A change that history ends with is no news: the live engine goes on from there.
    return history.flatMap((candle, index) => {
      const update = index === at && newest !== null ? { ...newest, alerts: [] } : seen[index];
      return update === undefined ? [] : [{ candle, update }];
    });
  }

  /** Goes on from what was learned of candles that an earlier run committed. */
  relearn(stored: readonly StoredCandle[], lesson: Lesson): void {
    this.takeLesson(stored, lesson);
    const { lastOpenTimeMs } = this.#engine;
    const last = stored.findLast(({ openTimeMs }) => openTimeMs === lastOpenTimeMs);
    if (last === undefined || lesson.newest === null) return;
    const { origin, isPublished: _isPublished, ...candle } = last;
    this.latest = classifiedOf({ ...lesson.newest, alerts: [] }, candle, origin);
  }

  /** Takes other hot parameters in at once. A restart replays candles with the new ones: the state that the old ones made is to be saved soon. */
  configure(patch: EngineParametersPatch): void {
    this.#engine.configure(patch);
    // A lesson that is still to come, or an engine in place of one that could not be restored, begins with them too.
    this.#options = { ...this.#options, parameters: this.#engine.parameters };
    this.#candlesSinceSnapshot = Math.max(SNAPSHOT_CANDLES, this.#candlesSinceSnapshot);
  }

  /** Notes a step to be taken right after one of the next candles. */
  ask(step: EngineStep | 'snapshot'): void {
    this.#askedSteps.add(step);
  }

  /** Takes a candle in that was committed by an earlier run. */
  replay({ origin, isPublished: _isPublished, ...candle }: StoredCandle): void {
    const update = this.classify(candle);
    if (update.kind === 'classified') this.latest = classifiedOf(update, candle, origin);
  }

  /** Returns the state that must be saved in the transaction of its newest candle; null when a replay of the candles would give it too. */
  dueSnapshot(): RegimeSnapshot | null {
    return this.#mustSave || this.#candlesSinceSnapshot >= LAST_SNAPSHOT_CANDLES ? this.snapshot() : null;
  }

  /** Whether it is time to save the state, once its newest candle is committed and nothing else is to be done. */
  get wantsSnapshot(): boolean {
    return this.#mustSave || this.#candlesSinceSnapshot >= SNAPSHOT_CANDLES;
  }

  /** Returns the state after the newest candle; null before the first. */
  snapshot(): RegimeSnapshot | null {
    const openTimeMs = this.engine.lastOpenTimeMs;
    if (openTimeMs === null) return null;
    return { symbol: this.symbol, interval: this.interval, openTimeMs, state: this.engine.save() };
  }

  /** What must be saved is so for many markets at the same candle: their next states are apart again. */
  snapshotSaved(): void {
    this.#candlesSinceSnapshot = this.#mustSave ? this.#snapshotOffset : 0;
    this.#mustSave = false;
  }

  /** A restart that replays the same candles takes the same steps again: no state need be saved for them. */
  #stepByCandle(previousOpenTimeMs: number | null, openTimeMs: number, place: number): void {
    const { intervalMs } = this.#options;
    const due = new Set<EngineStep>();
    if (isHourlyTurn({ previousOpenTimeMs, openTimeMs, intervalMs, place })) due.add('optimize_boundaries');
    for (const task of tasksOf(this.#engine)) {
      if (isEngineStep(task.kind)) due.add(task.kind);
      else this.#wishes.set(task.kind, task);
    }
    for (const step of due) STEPS[step](this.#engine);
  }

  /** A restart replays candles, not steps: the state is saved together with the candle after which they were taken. */
  #take(step: EngineStep | 'snapshot'): void {
    STEPS[step](this.#engine);
    this.#askedSteps.delete(step);
    this.#mustSave = true;
  }

  /** Goes on from a snapshot; returns why it could not, and then the engine is a new one. */
  restore(snapshot: RegimeSnapshot): string | null {
    const state = snapshot.state as RegimeEngineState | null;
    const { intervalMs } = this.#options;
    if (state === null) return 'it is empty';
    if ((state.version as number) !== this.#stateVersion)
      return `it is of version ${state.version}, this engine reads version ${this.#stateVersion}`;
    if (state.intervalMs !== intervalMs)
      return `it is of ${state.intervalMs} ms candles, these are of ${intervalMs} ms`;
    const amiss = partAmiss(new RegimeEngine(this.#options).save(), state);
    if (amiss !== null) return `its part ${amiss} is missing or of another kind`;
    try {
      this.#engine.restore(state);
    } catch (error) {
      this.#engine = new RegimeEngine(this.#options);
      return messageOf(error);
    }
    this.#restoredAtMs = snapshot.openTimeMs;
    return null;
  }
}

/** A task that an engine's own figures ask for. */
export type WantedTask = Omit<FeedbackTask, 'kind'> & { readonly kind: TaskKind };

/** Figures may ask for more than there are tasks for. */
const tasksOf = (engine: RegimeEngine): readonly WantedTask[] =>
  engine.takeTasks().flatMap(({ kind, ...task }) => (isTaskKind(kind) ? [{ ...task, kind }] : []));

/** What an engine does when it is asked. */
const STEPS: Readonly<Record<EngineStep | 'snapshot', (engine: RegimeEngine) => unknown>> = {
  update_transition_matrix: (engine) => engine.refreshTransitionMatrix(),
  refit_learners: (engine) => engine.refitLearners(),
  optimize_boundaries: (engine) => engine.optimizeBoundaries(),
  snapshot: () => undefined,
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the path of the first part that every state has and this one has not; null when it has all. */
const partAmiss = (model: object, found: object): string | null => {
  for (const [name, expected] of Object.entries(model)) {
    if (expected === undefined) continue;
    const value: unknown = Reflect.get(found, name);
    if (value === undefined) return name;
    if (typeof expected === 'number' && typeof value !== 'number' && value !== null) return name;
    if (!isRecord(expected)) continue;
    if (!isRecord(value)) return name;
    const inner = partAmiss(expected, value);
    if (inner !== null) return `${name}.${inner}`;
  }
  return null;
};

/** Returns what is stored and said about one candle. */
export const classifiedOf = (
  update: EngineClassification,
  candle: Candle,
  origin: ClassifiedCandle['origin'],
): ClassifiedCandle => {
  const { state, regime, previousRegimeId, dwellCandles, probabilities, alerts } = update;
  const { symbol, interval, openTimeMs, open, high, low, close, volume } = candle;
  const plain = { symbol, interval, openTimeMs, open, high, low, close, volume };
  const detail = detailOf(update);
  return { candle: plain, origin, state, regime, previousRegimeId, dwellCandles, probabilities, detail, alerts };
};

const detailOf = (update: EngineClassification): RegimeDetail => ({
  cells: update.cells,
  agreementRatio: update.agreementRatio,
  changeWithin10Probability: update.changeWithin10Probability,
  changeWithin30Probability: update.changeWithin30Probability,
  conformalSet: update.conformalSet,
  decision: update.decision,
  stabilityRatio: update.stabilityRatio,
  stabilityBand: update.stabilityBand,
});
