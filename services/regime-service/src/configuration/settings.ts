import { ENGINE_DEFAULTS } from '@qt/regime';
import { z } from 'zod';
import { TaskSettings } from '../jobs/job-settings.ts';

const { scoring, transition } = ENGINE_DEFAULTS;

const share = z.number().min(0).max(1);
const positiveShare = z.number().gt(0).max(1);
const durationMs = z.int().min(0).max(86_400_000);

/** The guide's words for log levels, in any case. */
export const LevelName = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR'], 'expected DEBUG, INFO, WARN or ERROR'));
export type LevelName = z.infer<typeof LevelName>;

/** Every component of the operators' guide, in the guide's order. */
export const COMPONENT_NAMES = [
  'configuration_manager',
  'base_regime_detector',
  'historical_analyzer',
  'adaptive_scoring_layer',
  'transition_matrix_analyzer',
  'dynamic_boundary_optimizer',
  'intelligent_transition_manager',
  'regime_stability_monitor',
  'adaptive_noise_filter',
  'performance_feedback',
  'continuous_learning_engine',
  'regime_optimization_scheduler',
  'integration_orchestrator',
] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

const Logging = z.strictObject({
  level: LevelName.optional().describe('Level of everything that has none of its own; LOG_LEVEL when left out'),
  components: z
    .strictObject(Object.fromEntries(COMPONENT_NAMES.map((name) => [name, LevelName.optional()])))
    .prefault({})
    .describe('Levels of single components'),
  slow_query_ms: durationMs.prefault(50).describe('From here on a database query has a line in performance.log, ms'),
  slow_request_ms: durationMs.prefault(50).describe('The same for an answer over HTTP, ms'),
  file_max_bytes: z
    .int()
    .min(10_000)
    .max(10_000_000_000)
    .prefault(10_000_000)
    .describe('Size of a log file before the next, bytes'),
  file_max_count: z.int().min(1).max(1_000).prefault(5).describe('Log files kept of each kind'),
});

const Scoring = z.strictObject({
  weight_step: z
    .number()
    .min(0)
    .max(2)
    .prefault(scoring.weightStep)
    .describe("Step of the methods' weights; 0 freezes them"),
  weight_share_ratio: share
    .prefault(scoring.weightShareRatio)
    .describe('Share of every weight spread over all methods with each candle'),
  weight_floor_ratio: z
    .number()
    .min(0)
    .max(0.1)
    .prefault(scoring.weightFloorRatio)
    .describe('No weight falls below this'),
  temperature_step: z
    .number()
    .min(0)
    .max(0.1)
    .prefault(scoring.temperatureStep)
    .describe('Step of the calibration; 0 freezes it'),
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
  margin_ratio: positiveShare.prefault(transition.marginRatio).describe('How much more probable a new regime must be'),
  upward_margin_ratio: positiveShare
    .prefault(transition.upwardMarginRatio)
    .describe('The same for a move to higher volatility'),
  min_dwell_candles: z
    .int()
    .min(1)
    .max(500)
    .prefault(transition.minDwellCandles)
    .describe('A regime is kept at least so many candles'),
  shock_probability: positiveShare
    .prefault(transition.shockProbability)
    .describe('A move to higher volatility this probable is taken at once'),
});

/**
 * All that an operator may set in `config/regime/config.yaml`.
 *
 * Units: ratios and probabilities are shares of 1; `_ms` milliseconds, `_minutes` minutes, `_candles` candles, `_bytes` bytes.
 */
export const RegimeSettings = z.strictObject({
  logging: Logging.prefault({}),
  detection: z
    .strictObject({
      warmup_candles: z.int().min(100).max(100_000).prefault(200).describe('Candles before the state is ready'),
      scoring: Scoring.prefault({}),
      transition: Transition.prefault({}),
    })
    .prefault({}),
  data_quality: z
    .strictObject({
      late_after_ms: durationMs
        .prefault(30_000)
        .describe('A streamed candle later than this after its close is late, ms'),
    })
    .prefault({}),
  api: z
    .strictObject({
      changes_per_minute: z
        .int()
        .min(1)
        .max(10_000)
        .prefault(60)
        .describe('Requests that may change something, per caller'),
    })
    .prefault({}),
  tasks: TaskSettings.prefault({}),
  load_reduction: z
    .strictObject({
      default_minutes: z.int().min(1).max(1_440).prefault(15).describe('How long a reduction lasts when nobody says'),
      max_minutes: z.int().min(1).max(1_440).prefault(240).describe('How long one may last at most'),
    })
    .prefault({}),
});
export type RegimeSettings = z.infer<typeof RegimeSettings>;

/** Parameters that are read at start only; every other one is hot. A path stands for all below it. */
const RESTART_PATHS = [
  'logging.file_max_bytes',
  'logging.file_max_count',
  'detection.warmup_candles',
  'api.changes_per_minute',
  'tasks',
];

/** Returns whether a parameter takes effect without a restart. */
export const isHot = (path: string): boolean =>
  !RESTART_PATHS.some((cold) => path === cold || path.startsWith(`${cold}.`));
