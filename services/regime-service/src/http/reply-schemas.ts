import { z } from 'zod';
import { COMPONENT_STATES } from '../components/component-registry.ts';
import { TASK_KINDS } from '../jobs/task-kinds.ts';

// What the pages answer, for the documentation. Answers are made of typed values and are not parsed again.

const figures = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));
const state = z.enum(COMPONENT_STATES);
const moment = z.string().describe('ISO 8601');
const share = z.number().min(0).max(1);
const openTimeMs = z.int().describe('Open time of the candle, UTC ms since 1970');

export const ViolationReply = z.object({ path: z.string(), found: z.string(), expected: z.string() });
export const ErrorReply = z.object({
  error: z.object({ code: z.string(), message: z.string(), violations: z.array(ViolationReply).optional() }),
});

export const HealthReply = z.object({
  status: z.enum(['healthy', 'degraded']),
  version: z.string(),
  uptime_seconds: z.int(),
  components: z.record(z.string(), state),
  load_reduction: z
    .object({ until: moment, reason: z.string().nullable() })
    .nullable()
    .describe('While an operator has reduced the load'),
});

const lastError = z.object({ code: z.string(), message: z.string(), time: moment }).nullable();

export const ComponentReply = z.object({
  name: z.string(),
  state,
  health: z.enum(['healthy', 'degraded', 'unhealthy', 'stopped']),
  detail: z.string().nullable(),
  is_critical: z.boolean(),
  metrics: figures,
  markets: z.record(z.string(), z.object({ state, metrics: figures })).optional(),
  last_error: lastError,
  log_level: z.string(),
  is_debug_enabled: z.boolean(),
});

export const ComponentsReply = z.object({
  components: z.record(z.string(), ComponentReply.omit({ name: true, markets: true })),
});

export const DebugStateReply = z.object({
  component: z.string(),
  state,
  log_level: z.string(),
  last_error: lastError,
  inside: z.record(z.string(), z.unknown()),
});

export const ScoringReply = z.object({
  ensemble_agreement_ratio: share.nullable(),
  state,
  metrics: figures,
  markets: z.record(z.string(), z.object({ agreement_ratio: share.nullable(), state, metrics: figures })),
});

const Regime = z.object({
  id: z.int().min(0).max(17),
  name: z.string(),
  volatility: z.enum(['low', 'medium', 'high']),
  trend: z.enum(['strong_down', 'down', 'neutral', 'up', 'strong_up']),
  structure: z.enum(['trending', 'mean_reverting']),
  probability: share.describe('Calibrated probability of this regime'),
});

const classification = {
  state: z.enum(['warming', 'ready']),
  regime: Regime,
  previousRegimeId: z.int().nullable().describe('The regime left with this candle; null when it was kept'),
  dwellCandles: z.int(),
  probabilities: z.array(share).length(18),
  cells: z.array(share).length(30).optional(),
  agreementRatio: share.optional(),
  changeWithin10Probability: share.optional(),
  changeWithin30Probability: share.optional(),
  conformalSet: z.array(z.int()).optional(),
  decision: z
    .object({ kind: z.string(), candidateId: z.int(), reasons: z.array(z.string()) })
    .optional()
    .describe('What was made of the likeliest regime, and why'),
  stabilityRatio: share.optional(),
  stabilityBand: z.string().optional(),
};

export const CurrentRegimeReply = z.object({
  symbol: z.string(),
  interval: z.string(),
  openTimeMs: openTimeMs.optional(),
  candleClosedAtMs: z.int().optional(),
  closePrice: z.string().optional(),
  ...classification,
  regime: Regime.nullable(),
});

export const HistoryReply = z.object({
  symbol: z.string(),
  interval: z.string(),
  records: z.array(z.object({ openTimeMs, ...classification })),
});

export const TransitionsReply = z.object({
  symbol: z.string(),
  interval: z.string(),
  transitions: z.array(
    z.object({
      openTimeMs,
      fromRegimeId: z.int(),
      toRegimeId: z.int(),
      probability: share,
      leftDwellCandles: z.int().nullable(),
      agreementRatio: share.nullable(),
      reasons: z.array(z.string()).nullable(),
    }),
  ),
  analyzer: z.object({ state, metrics: figures }),
});

export const CandlesReply = z.object({
  symbol: z.string(),
  interval: z.string(),
  candles: z.array(z.record(z.string(), z.unknown())),
});

const quality = z.object({
  completeness: share.describe('Candles taken in, of those whose time has come'),
  consistency: share.describe('Candles taken in, of those that were looked at'),
  timeliness: share.describe('Streamed candles that were not late'),
  uniqueness: share.describe('Candles that came once'),
  accepted: z.int(),
  missing: z.int(),
  duplicates: z.int(),
  late: z.int(),
  gaps: z.int(),
  filled: z.int().describe('Candles that a request brought, the history at start included'),
  refused: z.record(z.string(), z.int()).describe('By code'),
  first_open_time_ms: z.int().nullable(),
  last_open_time_ms: z.int().nullable(),
});
export const QualityReply = z.object({ interval: z.string(), markets: z.record(z.string(), quality) });

export const ReductionReply = z.object({
  is_active: z.boolean(),
  since: moment.nullable(),
  until: moment.nullable().describe('It ends by itself then, or when the process starts anew'),
  reason: z.string().nullable(),
  reduced: z.array(z.object({ name: z.string(), effect: z.string() })).describe('What is lowered meanwhile, and how'),
  paused_tasks: z.array(z.enum(TASK_KINDS)).describe('Kinds of task that do not begin meanwhile'),
  goes_on: z.array(z.string()).describe('What is never lowered'),
});

export const TaskReply = z.object({
  kind: z.enum(TASK_KINDS),
  symbol: z.string().nullable(),
  answer: z
    .enum(['accepted', 'waiting_already'])
    .describe('Noted now, or there is one like it that has not begun; how it ends is in regime_tasks and in the log'),
});

export const SystemMetricsReply = z.object({
  cpu_usage_percent: z.number().describe('Of one core'),
  memory_usage_percent: z.number().describe('Of what the container or the machine allows'),
  memory_usage_bytes: z.int(),
  memory_limit_bytes: z.int(),
  uptime_seconds: z.int(),
  markets: z.int(),
  waiting_candles: z.int(),
});

export const DatabaseReply = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  type: z.literal('postgresql'),
  active_connections: z.int().nullable(),
  waiting_requests: z.int().nullable(),
  pool_size: z.int(),
  latency_ms: z.number().nullable(),
  detail: z.string().nullable(),
});

export const ConfigurationReply = z.object({
  file: z.string(),
  settings: z.record(z.string(), z.unknown()),
  hot_reload: z.record(z.string(), z.boolean()).describe('Whether a parameter takes effect without a restart'),
  restart_needed: z.array(z.string()).describe('Changed in the file, waiting for a restart'),
});

export const ValidationReply = z.object({
  valid: z.literal(true),
  restart_needed: z.array(z.string()),
});

const change = z.object({ path: z.string(), from: z.unknown(), to: z.unknown() });
export const ChangedReply = z.object({ changes: z.array(change), is_kept_after_restart: z.literal(false) });

export const DebugEnabledReply = z.object({ component: z.string(), level: z.string() });
