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
 * Source of the priors: `bench/fit-priors` of this package says how they were counted.
 */
export const builtInModels: ModelRegistry = new ModelRegistry([
  {
    model: momentumModel,
    priorRightRatios: [0.47, 0.47, 0.46, 0.46],
    affinity: { trending: 0.75, mean_reverting: 0.25 },
  },
  {
    model: meanReversionModel,
    priorRightRatios: [0.54, 0.54, 0.53, 0.51],
    affinity: { trending: 0.25, mean_reverting: 0.75 },
  },
]);
