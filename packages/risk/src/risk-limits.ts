import { AppError, type Decimal, dec, messageOf } from '@qt/kernel';
import { parse } from 'yaml';
import { z } from 'zod';

const amount = (check: (value: number) => boolean, expected: string) =>
  z
    .number()
    .refine((value) => Number.isFinite(value) && check(value), expected)
    .transform((value): Decimal => dec(value));
const share = amount((value) => value > 0 && value <= 1, 'expected a share above 0 and at most 1');
const positive = amount((value) => value > 0, 'expected a number above 0');
const durationMs = z.int().positive();

/**
 * The one registry of limits, as `config/risk-limits.yaml` states it.
 *
 * Units: ratios are shares (0.01 = 1 %); `_usdt` quote units; `_bps` hundredths of a percent; `_ms` milliseconds.
 */
export const RiskLimits = z
  .strictObject({
    sizing: z.strictObject({
      risk_per_trade_ratio: share,
      max_leverage: z.int().min(1).max(125),
      margin_type: z.enum(['isolated', 'cross']),
      regime_multipliers: z.strictObject({ low: share, medium: share, high: share }),
    }),
    exposure: z.strictObject({
      max_open_positions: z.int().positive(),
      max_symbol_notional_usdt: positive,
      max_symbol_equity_ratio: positive,
      max_gross_exposure_usdt: positive,
      max_gross_equity_ratio: positive,
    }),
    orders: z.strictObject({
      max_orders_per_minute: z.int().positive(),
      slippage_cap_bps: positive,
      max_price_move_bps: positive,
      max_feed_age_ms: durationMs,
      max_clock_offset_ms: durationMs,
      max_unknown_orders: z.int().nonnegative(),
    }),
    signals: z.strictObject({ min_confidence: z.number().min(0).max(1) }),
    protection: z.strictObject({
      stop_atr_multiple: positive,
      min_stop_ratio: share,
      max_stop_ratio: share,
      target_r_multiple: positive,
      max_unprotected_ms: durationMs,
      pause_after_failed_stop_ms: durationMs,
    }),
    losses: z.strictObject({ daily_loss_ratio: share, drawdown_ratio: share }),
  })
  .refine(({ protection }) => protection.min_stop_ratio.lte(protection.max_stop_ratio), {
    path: ['protection', 'min_stop_ratio'],
    message: 'expected min_stop_ratio to be at most max_stop_ratio',
  });
export type RiskLimits = z.infer<typeof RiskLimits>;

/**
 * Returns the limits that a YAML text states.
 *
 * Throws: AppError RISK_LIMITS_INVALID naming every fault at once.
 */
export const parseRiskLimits = (text: string): RiskLimits => {
  const parsed = RiskLimits.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(document)'}: ${issue.message}`);
  throw new AppError('RISK_LIMITS_INVALID', `the risk limits cannot be used:\n${faults.join('\n')}`, {
    retryable: false,
  });
};

/**
 * Returns the limits in the file that RISK_LIMITS_FILE names; `read` returns a file's text.
 *
 * Throws: AppError RISK_LIMITS_INVALID naming the file and every fault.
 */
export const readRiskLimits = (path: string, read: (path: string) => string): RiskLimits => {
  try {
    return parseRiskLimits(read(path));
  } catch (error) {
    throw new AppError('RISK_LIMITS_INVALID', `RISK_LIMITS_FILE=${path}: ${messageOf(error)}`, {
      retryable: false,
      cause: error,
    });
  }
};
