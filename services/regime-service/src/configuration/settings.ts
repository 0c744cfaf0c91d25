import { RESTART_PARAMETERS } from '@qt/regime';
import { z } from 'zod';
import { EngineSettings } from './engine-schema.ts';
import { snakeName } from './wire-names.ts';
import { TaskSettings } from '../jobs/job-settings.ts';

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
      ...EngineSettings,
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
      validations_per_minute: z
        .int()
        .min(1)
        .max(10_000)
        .prefault(30)
        .describe('Configurations that are checked on request, per caller'),
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
  'api',
  ...RESTART_PARAMETERS.map((name) => `detection.${snakeName(name)}`),
  'tasks',
];

/** Returns whether a parameter takes effect without a restart. */
export const isHot = (path: string): boolean =>
  !RESTART_PATHS.some((cold) => path === cold || path.startsWith(`${cold}.`));
