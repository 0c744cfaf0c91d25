import {
  type Candle,
  closedAtMs,
  INTERVAL_MS,
  type Interval,
  type RegimeClassified,
  type SignalGenerated,
} from '@qt/contracts';
import { invariant, messageOf, uuidOf } from '@qt/kernel';
import { Calibration, type CalibrationState, NO_EVIDENCE } from './calibration.ts';
import { ENSEMBLE_ID, Ensemble, type EnsembleState, marketClassOf, type PendingVotes, type Vote } from './ensemble.ts';
import { FeatureStream, type FeatureState, type FeatureVector } from './features.ts';
import { marketCandleOf } from './market-candle.ts';
import type { ModelOpinion, RegimeView, SignalModel } from './model.ts';
import type { ModelRegistry } from './model-registry.ts';

export interface SignalEngineOptions {
  readonly symbol: string;
  readonly interval: Interval;
  readonly registry: ModelRegistry;
  /** How far ahead opinions look. */
  readonly horizonCandles: number;
  /** A signal needs at least this probability of being right. */
  readonly minConfidenceRatio: number;
}

/** Whether a model's opinions can be used, as seen at its last candle. */
export interface ModelHealth {
  readonly modelId: string;
  readonly state: 'active' | 'failed' | 'stuck';
  /** Null while active. */
  readonly reason: string | null;
  /** Share of its opinions that came true; null before the first outcome. */
  readonly rightRatio: number | null;
  /** Effective outcomes behind that share. */
  readonly outcomes: number;
}

/** The outcome of an earlier candle's opinions, known now. */
export interface Settlement {
  readonly candleClosedAtMs: number;
  /** Change of the close over the horizon. */
  readonly returnRatio: number;
}

interface Considered {
  readonly candleClosedAtMs: number;
  /** True when candles are missing before this one: features began anew and open opinions were dropped. */
  readonly isAfterGap: boolean;
  readonly settlement: Settlement | null;
  readonly votes: readonly Vote[];
}

/** What one candle led to. */
export type SignalDecision =
  | { readonly kind: 'ignored'; readonly reason: 'CANDLE_NOT_NEWER' }
  | (Considered & { readonly kind: 'warming'; readonly reason: 'FEATURES' | 'REGIME' })
  | (Considered & {
      readonly kind: 'hold';
      readonly reason: 'NO_OPINION' | 'CONFIDENCE_BELOW_MINIMUM' | 'NO_MOVEMENT';
      readonly direction: 'long' | 'short' | null;
      readonly confidence: number;
    })
  | (Considered & { readonly kind: 'signal'; readonly signal: SignalGenerated });

/** Names everything that shapes an engine's state: a state may only be restored into an engine of the same id. */
export const engineIdOf = ({ registry, horizonCandles }: SignalEngineOptions): string =>
  [
    ENSEMBLE_ID,
    `${horizonCandles}-candles`,
    ...registry.list().map(({ model }) => `${model.id}(${model.featuresId})`),
  ].join(' ');

interface PendingOpinion extends PendingVotes {
  readonly candleClosedAtMs: number;
  readonly close: number;
  /** False while the regime warmed: then only the models learn. */
  readonly isEnsembled: boolean;
}

interface OutputRun {
  readonly score: number;
  readonly candles: number;
}

/** Everything an engine remembers: a bounded amount, JSON-safe. Restoring it continues as if nothing had happened. */
export interface SignalEngineState {
  readonly version: 1;
  readonly engineId: string;
  readonly lastOpenTimeMs: number | null;
  readonly features: FeatureState | null;
  readonly pending: readonly (PendingOpinion | null)[];
  readonly calibrations: Readonly<Record<string, CalibrationState>>;
  readonly ensemble: EnsembleState | null;
  readonly outputRuns: Readonly<Record<string, OutputRun>>;
}

/** A model that says the very same number for so many candles in a row is not looking. */
const STUCK_CANDLES = 100;

/** Forms the opinion on one market, candle by candle: features, models, calibration, ensemble. Pure: same candles, same signals. */
export class SignalEngine {
  readonly #options: SignalEngineOptions;
  readonly #calibrations = new Map<string, Calibration>();
  readonly #ensemble: Ensemble;
  #features: FeatureStream;
  #lastOpenTimeMs: number | null;
  #pending: (PendingOpinion | null)[];
  #outputRuns: Record<string, OutputRun>;
  #failures = new Map<string, string>();

  constructor(options: SignalEngineOptions, saved?: SignalEngineState) {
    const engineId = engineIdOf(options);
    invariant(
      saved === undefined || (saved.version === 1 && saved.engineId === engineId),
      `a saved state of version 1 of "${engineId}", was ${saved?.version} of "${saved?.engineId}"`,
    );
    const { horizonCandles, registry } = options;
    this.#options = options;
    for (const { model, priorRightRatios } of registry.list()) {
      this.#calibrations.set(
        model.id,
        new Calibration(horizonCandles, priorRightRatios, saved?.calibrations[model.id]),
      );
    }
    this.#ensemble = new Ensemble(registry, horizonCandles, saved?.ensemble ?? undefined);
    this.#features = new FeatureStream(saved?.features ?? undefined);
    this.#lastOpenTimeMs = saved?.lastOpenTimeMs ?? null;
    this.#pending = [...(saved?.pending ?? [])];
    this.#outputRuns = { ...saved?.outputRuns };
  }

  /** Takes the next closed candle with its regime. Candles that are not newer than the last one are ignored. */
  update({ candle, state, regime, probabilities }: RegimeClassified): SignalDecision {
    const view = { state, regime, probabilities };
    const stepMs = INTERVAL_MS[this.#options.interval];
    const last = this.#lastOpenTimeMs;
    if (last !== null && candle.openTimeMs <= last) return { kind: 'ignored', reason: 'CANDLE_NOT_NEWER' };
    const isAfterGap = last !== null && candle.openTimeMs !== last + stepMs;
    const market = marketCandleOf(candle);
    if (isAfterGap) this.#forgetCandles();
    this.#lastOpenTimeMs = candle.openTimeMs;

    const settlement = this.#settle(market.close);
    const features = this.#features.update(market);
    const considered = { candleClosedAtMs: closedAtMs(candle), isAfterGap, settlement };
    if (features === null) {
      this.#pending.push(null);
      return { kind: 'warming', reason: 'FEATURES', ...considered, votes: [] };
    }
    return this.#decide({ candle, view, features, considered });
  }

  /** Open time of the last candle taken in; null before the first. */
  get lastOpenTimeMs(): number | null {
    return this.#lastOpenTimeMs;
  }

  /** The state of each model at its last candle. */
  modelHealth(): ModelHealth[] {
    return this.#options.registry.ids.map((modelId) => {
      const evidence = this.#calibrations.get(modelId)?.evidence() ?? NO_EVIDENCE;
      const record = {
        modelId,
        rightRatio: evidence.total === 0 ? null : evidence.right / evidence.total,
        outcomes: evidence.total,
      };
      const failure = this.#failures.get(modelId);
      if (failure !== undefined) return { ...record, state: 'failed', reason: failure };
      const run = this.#outputRuns[modelId];
      return run !== undefined && run.candles >= STUCK_CANDLES
        ? { ...record, state: 'stuck', reason: `said ${run.score} on ${run.candles} candles in a row` }
        : { ...record, state: 'active', reason: null };
    });
  }

  save(): SignalEngineState {
    return {
      version: 1,
      engineId: engineIdOf(this.#options),
      lastOpenTimeMs: this.#lastOpenTimeMs,
      features: this.#features.save(),
      pending: [...this.#pending],
      calibrations: Object.fromEntries([...this.#calibrations].map(([id, calibration]) => [id, calibration.save()])),
      ensemble: this.#ensemble.save(),
      outputRuns: { ...this.#outputRuns },
    };
  }

  #decide(at: {
    readonly candle: Candle;
    readonly view: RegimeView;
    readonly features: FeatureVector;
    readonly considered: Omit<Considered, 'votes'>;
  }): SignalDecision {
    const { candle, view, features, considered } = at;
    const opinions = this.#options.registry.list().map(({ model }) => this.#ask(model, features, view));
    const common = this.#ensemble.combine(opinions, view);
    const isEnsembled = view.state === 'ready';
    this.#pending.push({
      candleClosedAtMs: considered.candleClosedAtMs,
      close: features.close,
      isEnsembled,
      marketClass: marketClassOf(view),
      structure: view.regime.structure,
      votes: common.votes,
      pooledUpRatio: common.pooledUpRatio,
    });
    const { votes, direction, confidence } = common;
    if (!isEnsembled) return { kind: 'warming', reason: 'REGIME', ...considered, votes };
    const held = { kind: 'hold', ...considered, votes, direction, confidence } as const;
    if (direction === null) return { ...held, reason: 'NO_OPINION' };
    if (features.atrRatio <= 0) return { ...held, reason: 'NO_MOVEMENT' };
    if (confidence < this.#options.minConfidenceRatio) return { ...held, reason: 'CONFIDENCE_BELOW_MINIMUM' };
    return {
      kind: 'signal',
      ...considered,
      votes,
      signal: this.#signalOf({ candle, view, features, direction, confidence, votes }),
    };
  }

  #signalOf(at: {
    readonly candle: Candle;
    readonly view: RegimeView;
    readonly features: FeatureVector;
    readonly direction: 'long' | 'short';
    readonly confidence: number;
    readonly votes: readonly Vote[];
  }): SignalGenerated {
    const { symbol, interval, horizonCandles } = this.#options;
    const candleClosedAtMs = closedAtMs(at.candle);
    return {
      signalId: uuidOf(candleClosedAtMs, 'signal', symbol, interval, ENSEMBLE_ID),
      symbol,
      interval,
      direction: at.direction,
      confidence: at.confidence,
      horizonMs: horizonCandles * INTERVAL_MS[interval],
      // an opinion is as old as its candle: the next close brings a newer one
      expiresAtMs: candleClosedAtMs + INTERVAL_MS[interval],
      candleClosedAtMs,
      lastPrice: at.candle.close,
      volatilityRatio: at.features.atrRatio,
      regime: at.view.regime,
      ensembleId: ENSEMBLE_ID,
      votes: at.votes.map(({ modelId, direction, confidence, weight }) => ({ modelId, direction, confidence, weight })),
    };
  }

  #ask(model: SignalModel, features: FeatureVector, view: RegimeView) {
    const opinion = this.#opinionOf(model, features, view);
    const run = this.#outputRuns[model.id];
    const candles = run?.score === opinion.score ? run.candles + 1 : 1;
    this.#outputRuns[model.id] = { score: opinion.score, candles };
    const isHold = opinion.direction === 'hold' || candles >= STUCK_CANDLES;
    const calibration = this.#calibrations.get(model.id);
    return {
      modelId: model.id,
      direction: isHold ? ('hold' as const) : opinion.direction,
      score: opinion.score,
      confidence:
        isHold || calibration === undefined
          ? 0.5
          : calibration.confidenceOf(Math.abs(opinion.score), view.regime.structure),
    };
  }

  /** One broken model must not silence the others: it holds, and its health says why. */
  #opinionOf(model: SignalModel, features: FeatureVector, view: RegimeView): ModelOpinion {
    try {
      const opinion = model.predict(features, view);
      invariant(Number.isFinite(opinion.score), `${model.id} gives a finite score, was ${opinion.score}`);
      this.#failures.delete(model.id);
      return opinion;
    } catch (thrown) {
      this.#failures.set(model.id, messageOf(thrown));
      return { direction: 'hold', score: 0 };
    }
  }

  #settle(close: number): Settlement | null {
    if (this.#pending.length < this.#options.horizonCandles) return null;
    const due = this.#pending.shift();
    if (due === undefined || due === null) return null;
    const settlement = { candleClosedAtMs: due.candleClosedAtMs, returnRatio: close / due.close - 1 };
    // an unchanged price proves nobody right
    if (close === due.close) return settlement;
    const hasRisen = close > due.close;
    for (const vote of due.votes) {
      if (vote.direction === 'hold') continue;
      const isRight = (vote.direction === 'long') === hasRisen;
      this.#calibrations.get(vote.modelId)?.learn(Math.abs(vote.score), due.structure, isRight);
    }
    if (due.isEnsembled) this.#ensemble.learn(due, hasRisen);
    return settlement;
  }

  #forgetCandles(): void {
    this.#features = new FeatureStream();
    this.#pending = [];
  }
}
