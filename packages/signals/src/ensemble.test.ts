import { describe, expect, it } from '@jest/globals';
import { type CalibratedOpinion, Ensemble, type EnsembleState, marketClassOf } from './ensemble.ts';
import type { RegimeView } from './model.ts';
import { builtInModels } from './model-registry.ts';

const aView = (id: number): RegimeView => ({
  state: 'ready',
  regime: {
    id,
    name: 'of the test',
    volatility: id >= 12 ? 'high' : id >= 6 ? 'medium' : 'low',
    trend: 'neutral',
    structure: id % 6 === 5 ? 'mean_reverting' : 'trending',
    probability: 1,
  },
  probabilities: Array.from({ length: 18 }, (_, index) => (index === id ? 1 : 0)),
});
const TRENDING = aView(9);
const REVERTING = aView(11);

const opinions = (momentum: Partial<CalibratedOpinion>, reversion: Partial<CalibratedOpinion>): CalibratedOpinion[] => [
  { modelId: 'momentum@1', direction: 'hold', score: 0, confidence: 0.5, ...momentum },
  { modelId: 'mean-reversion@1', direction: 'hold', score: 0, confidence: 0.5, ...reversion },
];
const anEnsemble = (saved?: EnsembleState) => new Ensemble(builtInModels, 12, saved);

describe('Ensemble', () => {
  it('holds at 0.5 when every model holds', () => {
    expect(anEnsemble().combine(opinions({}, {}), TRENDING)).toMatchObject({ direction: null, confidence: 0.5 });
  });

  it('never says more than its surest model', () => {
    const { confidence, direction } = anEnsemble().combine(
      opinions({ direction: 'long', confidence: 0.6 }, { direction: 'long', confidence: 0.6 }),
      TRENDING,
    );
    expect(direction).toBe('long');
    expect(confidence).toBeLessThan(0.6);
    expect(confidence).toBeGreaterThan(0.58);
  });

  it('a model that is believed to be wrong has no say and is not turned round', () => {
    const { direction, votes } = anEnsemble().combine(opinions({ direction: 'long', confidence: 0.4 }, {}), TRENDING);
    expect(direction).toBeNull();
    expect(votes[0]).toMatchObject({ direction: 'long', confidence: 0.4, weight: 0 });
  });

  it('follows momentum in a trend and reversion in a range when they disagree', () => {
    const split = opinions({ direction: 'long', confidence: 0.56 }, { direction: 'short', confidence: 0.56 });
    expect(anEnsemble().combine(split, TRENDING).direction).toBe('long');
    expect(anEnsemble().combine(split, REVERTING).direction).toBe('short');
  });

  it('trusts the regime as far as the regime trusts itself', () => {
    const one = opinions({}, { direction: 'long', confidence: 0.58 });
    const sure = anEnsemble().combine(one, TRENDING).confidence;
    const half = Array.from({ length: 18 }, (_, id) => (id === 9 || id === 11 ? 0.5 : 0));
    const unsure = anEnsemble().combine(one, { ...TRENDING, probabilities: half }).confidence;
    expect(unsure).toBeGreaterThan(sure);
  });

  it('is dampened by high volatility', () => {
    const one = opinions({ direction: 'long', confidence: 0.58 }, {});
    const calm = anEnsemble().combine(one, aView(9)).confidence;
    const wild = anEnsemble().combine(one, aView(15)).confidence;
    expect(wild).toBeLessThan(calm);
    expect(wild).toBeGreaterThan(0.5);
  });

  it('listens more to a model with a good record in this class of market, and only there', () => {
    const ensemble = anEnsemble();
    const right = opinions({ direction: 'long', confidence: 0.58 }, { direction: 'short', confidence: 0.58 });
    const { votes, pooledUpRatio } = ensemble.combine(right, TRENDING);
    const pending = { marketClass: marketClassOf(TRENDING), structure: 'trending' as const, votes, pooledUpRatio };
    for (let index = 0; index < 200; index += 1) ensemble.learn(pending, false);
    const weightOf = (view: RegimeView) => ensemble.combine(right, view).votes[0]!.weight;
    expect(weightOf(TRENDING)).toBeLessThan(votes[0]!.weight);
    expect(weightOf(aView(3))).toBeCloseTo(anEnsemble().combine(right, aView(3)).votes[0]!.weight, 12);
  });

  it('its confidence follows what became of its own opinions', () => {
    const ensemble = anEnsemble();
    const one = opinions({ direction: 'long', confidence: 0.56 }, {});
    const first = ensemble.combine(one, TRENDING);
    const pending = { marketClass: marketClassOf(TRENDING), structure: 'trending' as const, ...first };
    for (let index = 0; index < 600; index += 1) ensemble.learn({ ...pending, votes: [] }, index % 3 === 0);
    expect(ensemble.combine(one, TRENDING).confidence).toBeLessThan(0.5);
  });

  it('goes on from its saved state', () => {
    const ensemble = anEnsemble();
    const one = opinions({ direction: 'long', confidence: 0.56 }, {});
    const first = ensemble.combine(one, TRENDING);
    ensemble.learn({ marketClass: marketClassOf(TRENDING), structure: 'trending', ...first }, true);
    const restored = anEnsemble(JSON.parse(JSON.stringify(ensemble.save())) as EnsembleState);
    expect(restored.combine(one, TRENDING)).toEqual(ensemble.combine(one, TRENDING));
  });
});
