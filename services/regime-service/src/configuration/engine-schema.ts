import { ENGINE_DEFAULTS } from '@qt/regime';
import { z } from 'zod';

const { scoring, transition, matrix, stability, noise, learning, feedback } = ENGINE_DEFAULTS;

const share = z.number().min(0).max(1);
const positiveShare = z.number().gt(0).max(1);
const candles = z.int().min(1).max(100_000);
/** A mutable copy: schemas hand out what they are given. */
const floors = [...stability.bandFloors] as [number, number, number, number];

const Scoring = z.strictObject({
  weight_step: z
    .number()
    .min(0)
    .max(2)
    .prefault(scoring.weightStep)
    .describe('First step of the weights of methods and learners; later ones are shorter, 0 freezes them'),
  weight_share_ratio: share
    .prefault(scoring.weightShareRatio)
    .describe('Share of every weight that returns to its resting place with each candle'),
  weight_floor_ratio: z
    .number()
    .min(0)
    .max(0.1)
    .prefault(scoring.weightFloorRatio)
    .describe("No weight falls below this, but where the learners' cap asks for it"),
  temperature_step: z
    .number()
    .min(0)
    .max(0.1)
    .prefault(scoring.temperatureStep)
    .describe('Step of the calibration; 0 freezes it'),
  temperature: z
    .number()
    .min(0.2)
    .max(5)
    .prefault(scoring.temperature)
    .describe('Above 1 softens every answer, below 1 sharpens it'),
  conformal_coverage_ratio: z
    .number()
    .min(0.5)
    .max(0.999)
    .prefault(scoring.conformalCoverageRatio)
    .describe('Share of candles whose regime the published set shall hold'),
  conformal_step: z
    .number()
    .gt(0)
    .max(0.1)
    .prefault(scoring.conformalStep)
    .describe('How far one miss moves the level of that set'),
});

const Transition = z.strictObject({
  level_margin_ratio: positiveShare
    .prefault(transition.levelMarginRatio)
    .describe('Lead over the published volatility level that another needs'),
  slot_margin_ratio: positiveShare
    .prefault(transition.slotMarginRatio)
    .describe('Lead over the published slot, a trend or mean reversion, that another needs'),
  min_margin_ratio: z
    .number()
    .min(0)
    .max(0.9)
    .prefault(transition.minMarginRatio)
    .describe('The leads adapt no further down'),
  max_margin_ratio: z
    .number()
    .min(0.1)
    .max(0.9)
    .prefault(transition.maxMarginRatio)
    .describe('The leads adapt no further up'),
  upward_margin_share: positiveShare
    .prefault(transition.upwardMarginShare)
    .describe("A move to higher volatility needs this share of the level's lead"),
  neighbor_margin_factor: z
    .number()
    .min(1)
    .max(3)
    .prefault(transition.neighborMarginFactor)
    .describe("A move to the next trend needs this multiple of the slot's lead"),
  min_dwell_candles: z
    .int()
    .min(1)
    .max(500)
    .prefault(transition.minDwellCandles)
    .describe('A regime is kept at least so many candles'),
  min_agreeing_candles: z
    .int()
    .min(1)
    .max(100)
    .prefault(transition.minAgreeingCandles)
    .describe('Candles in a row that must point the same way'),
  confidence_threshold: share
    .prefault(transition.confidenceThreshold)
    .describe('Probability that a new level must have, or a new slot and its neighbors together'),
  shock_probability: positiveShare
    .prefault(transition.shockProbability)
    .describe('A regime more probable than this is taken at once'),
  shock_log_odds: z
    .number()
    .gt(0)
    .max(100)
    .prefault(transition.shockLogOdds)
    .describe('So is a higher volatility level this much likelier, as a logarithm'),
  smoothing_ratio: positiveShare
    .prefault(transition.smoothingRatio)
    .describe('Weight of the newest candle in the smoothed leads'),
  is_adaptive: z
    .boolean()
    .prefault(transition.isAdaptive)
    .describe('Whether the leads adapt to what the changes made with them were worth'),
  wanted_standing_ratio: z
    .number()
    .min(0.5)
    .max(0.999)
    .prefault(transition.wantedStandingRatio)
    .describe('Share of changes that shall stand'),
  allowed_false_levels_per_1000: z
    .number()
    .gt(0)
    .max(100)
    .prefault(transition.allowedFalseLevelsPer1000)
    .describe('Changes of volatility per 1000 candles that may be expected to be false'),
  allowed_false_slots_per_1000: z
    .number()
    .gt(0)
    .max(100)
    .prefault(transition.allowedFalseSlotsPer1000)
    .describe('Changes of slot per 1000 candles that may be expected to be false'),
});

const Matrix = z.strictObject({
  refresh_candles: candles
    .prefault(matrix.refreshCandles)
    .describe('Candles between two rebuilds of the published matrix'),
  prior_count: z
    .number()
    .gt(0)
    .max(1_000)
    .prefault(matrix.priorCount)
    .describe('Changes assumed for every pair before any was seen'),
  decay_ratio: z
    .number()
    .min(0.5)
    .max(1)
    .prefault(matrix.decayRatio)
    .describe('What an earlier change counts when a new one is seen'),
  prior_duration_candles: candles
    .prefault(matrix.priorDurationCandles)
    .describe('Mean life of a regime before any ended'),
  min_changes: z
    .int()
    .min(0)
    .max(100_000)
    .prefault(matrix.minChanges)
    .describe('Changes before a surprising one is called unusual'),
  unusual_probability: share
    .prefault(matrix.unusualProbability)
    .describe('A change at least this probable is never unusual'),
  long_dwell_ratio: share
    .prefault(matrix.longDwellRatio)
    .describe('A regime is long when fewer than this share last so long'),
  alert_cooldown_candles: candles.prefault(matrix.alertCooldownCandles).describe('Candles before the same alert again'),
});

const Stability = z.strictObject({
  band_floors: z
    .tuple([share, share, share, share])
    .prefault(floors)
    .describe('Lower ends of very stable, stable, moderate and unstable'),
  gap_candles: candles.prefault(stability.gapCandles).describe('Missing candles before a gap is told'),
  alert_cooldown_candles: candles
    .prefault(stability.alertCooldownCandles)
    .describe('Candles before the same alert again'),
});

const Noise = z.strictObject({
  method: z
    .enum(['automatic', 'kalman', 'wavelet', 'adaptive'])
    .prefault(noise.method)
    .describe('The filter; automatic lets the best one take over'),
  roughness_charge: z
    .number()
    .min(0)
    .max(100)
    .prefault(noise.roughnessCharge)
    .describe('What unevenness costs against forecast error'),
  hysteresis_ratio: share.prefault(noise.hysteresisRatio).describe('How much better another filter must be'),
  score_half_life_candles: candles
    .prefault(noise.scoreHalfLifeCandles)
    .describe('Half-life of the loss by which filters are compared'),
});

const Learning = z.strictObject({
  cap_ratio: z
    .number()
    .min(0)
    .max(0.3)
    .prefault(learning.capRatio)
    .describe("What the five learners' weights may sum to in each factor; 0 leaves them out"),
});

const Feedback = z.strictObject({
  is_acting: z
    .boolean()
    .prefault(feedback.isActing)
    .describe('Whether feedback moves its bounded knobs, or only watches'),
});

/** Parameters of the engine, by component. */
export const EngineSettings = {
  scoring: Scoring.prefault({}),
  transition: Transition.prefault({}),
  matrix: Matrix.prefault({}),
  stability: Stability.prefault({}),
  noise: Noise.prefault({}),
  learning: Learning.prefault({}),
  feedback: Feedback.prefault({}),
};
