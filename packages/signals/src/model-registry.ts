import { invariant } from '@qt/kernel';
import { meanReversionModel } from './mean-reversion-model.ts';
import type { SignalModel } from './model.ts';
import { momentumModel } from './momentum-model.ts';

/** A model and what was known of it before it met this market. */
export interface RegisteredModel {
  readonly model: SignalModel;
  /** Share of right opinions per strength bin on the data it was fitted to. */
  readonly priorRightRatios: readonly number[];
  /** How much it is listened to in each market structure, before its own record speaks. */
  readonly affinity: Readonly<Record<'trending' | 'mean_reverting', number>>;
}

/** The models that may be asked, by id. */
export class ModelRegistry {
  readonly #byId = new Map<string, RegisteredModel>();

  constructor(entries: readonly RegisteredModel[]) {
    for (const entry of entries) {
      invariant(!this.#byId.has(entry.model.id), `each model once, ${entry.model.id} came twice`);
      this.#byId.set(entry.model.id, entry);
    }
  }

  get ids(): readonly string[] {
    return [...this.#byId.keys()];
  }

  list(): readonly RegisteredModel[] {
    return [...this.#byId.values()];
  }

  find(id: string): RegisteredModel | null {
    return this.#byId.get(id) ?? null;
  }
}

/**
 * The models this package ships.
 *
 * Source of the priors: opinions over 12 candles on BTCUSDT 1h 2019-09 to 2022-07, LTCUSDT and ETCUSDT 1h 2020 to 2022 and BTCUSDT 5m
 * 2022-06 to 2022-11, all before 2023; `model-registry.test.ts` counts them again. They say what they say: over half a day prices
 * came back more often than they went on, though the rarer continuations were larger.
 */
export const builtInModels: ModelRegistry = new ModelRegistry([
  {
    model: momentumModel,
    priorRightRatios: [0.46, 0.455, 0.457, 0.465],
    affinity: { trending: 0.75, mean_reverting: 0.25 },
  },
  {
    model: meanReversionModel,
    priorRightRatios: [0.553, 0.555, 0.535, 0.497],
    affinity: { trending: 0.25, mean_reverting: 0.75 },
  },
]);
