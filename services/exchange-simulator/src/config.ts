import { commaList, ProcessConfig, secret } from '@qt/service-kit';
import { z } from 'zod';
import { type Fixed, fixed } from './domain/fixed.ts';
import { intervalWords } from './domain/intervals.ts';
import { BINANCE_SOCKET_LIMITS, type SocketLimits } from './websocket/socket-limits.ts';

const UnixMs = z.coerce.number().int().min(946_684_800_000, 'expected UTC milliseconds').max(4_102_444_800_000);
const Symbol = z.string().regex(/^[A-Z0-9]{5,20}$/, 'expected a symbol such as BTCUSDT');

/** `stepped`: only the control API moves the market. A number: how much faster than the wall clock it moves by itself; `max`: as fast as it can. */
const Speed = z.union([
  z.literal('stepped'),
  z.literal('max'),
  z.coerce.number().positive('expected stepped, max, or a factor such as 60').max(100_000),
]);

const Amount = z.string().regex(/^\d{1,12}(\.\d{1,8})?$/, 'expected a plain decimal such as 10000');

/** Every variable of the simulator. Times are market time. */
export const SimulatorConfig = z.object({
  ...ProcessConfig,
  SIM_MARKET: z.enum(['generated', 'replay']).default('generated'),
  SIM_REPLAY_FILES: commaList(z.string().min(1)).optional(),
  SIM_FUNDING_FILES: commaList(z.string().min(1)).optional(),
  SIM_FROM_MS: UnixMs.optional(),
  SIM_TO_MS: UnixMs.optional(),
  SIM_SYMBOLS: commaList(Symbol).default(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']),
  SIM_INTERVAL: z.enum(intervalWords as [string, ...string[]]).default('1m'),
  SIM_SEED: z.coerce.number().int().min(0).max(4_294_967_295).default(1),
  SIM_SPEED: Speed.default('stepped'),
  /** When left out, the generated market starts at the wall clock's last full interval. */
  SIM_START_MS: UnixMs.optional(),
  /** Shifts the market so that it happens now: at speed 1 market time is then the wall clock's. */
  SIM_SHIFT_TO_NOW: z.stringbool().default(false),
  SIM_HISTORY_CANDLES: z.coerce.number().int().min(0).max(100_000).default(1_000),
  /** What is to go wrong and when: YAML or JSON. */
  SIM_SCENARIO_FILE: z.string().min(1).optional(),
  SIM_LEDGER_FILE: z.string().min(1).optional(),
  /** Where the accounts are saved at a clean stop. */
  SIM_STATE_FILE: z.string().min(1).optional(),
  /** Goes on with the accounts and the ledger that the last run has saved. */
  SIM_KEEP_ACCOUNT: z.stringbool().default(false),
  /** Accounts and their keys as JSON; in place of the next three. */
  SIM_ACCOUNTS_FILE: z.string().min(1).optional(),
  SIM_API_KEY: secret('SIM_API_KEY').optional(),
  SIM_API_SECRET: secret('SIM_API_SECRET').optional(),
  SIM_START_BALANCE_USDT: Amount.default('10000'),
  SIM_START_BALANCE_BNB: Amount.default('0'),
  /** VIP level of the account, 0 to 9. */
  SIM_FEE_TIER: z.coerce.number().int().min(0).max(9).default(0),
  /** USDT for one BNB where the market does not list BNBUSDT. */
  SIM_BNB_PRICE_USDT: Amount.default('600'),
  /** What the insurance fund begins with. */
  SIM_INSURANCE_FUND_USDT: Amount.default('1000000'),
  /** When left out: 2400 a minute of market time, and no limit in stepped mode, where hours of market pass in a second. */
  SIM_WEIGHT_LIMIT: z.coerce.number().int().positive().optional(),
  /** When left out: 300 and 1200, times the speed, and no limit in stepped mode. */
  SIM_ORDER_LIMIT_10S: z.coerce.number().int().positive().optional(),
  SIM_ORDER_LIMIT_1M: z.coerce.number().int().positive().optional(),
  /** New sockets from one address in five minutes. When left out: 300, and no limit in stepped mode. */
  SIM_CONNECTION_LIMIT: z.coerce.number().int().positive().optional(),
  /** Wall time after which a socket is closed. */
  SIM_FRAME_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(0),
  SIM_SOCKET_LIFETIME_MS: z.coerce.number().int().positive().default(BINANCE_SOCKET_LIMITS.lifetimeMs),
  /** What sockets without a routed base carry; the real venue has sent public streams alone there since 2026-04-23. */
  SIM_UNROUTED_STREAMS: z.enum(['any', 'public']).default('any'),
  /** Prints order ids beyond 2^53, to find clients that round them. */
  SIM_LARGE_IDS: z.stringbool().default(false),
});
export type SimulatorConfig = z.infer<typeof SimulatorConfig>;

/** Returns what the house begins with, and the price of a BNB that is not listed. */
export const houseOf = (config: SimulatorConfig): { readonly bnbPrice: Fixed; readonly insuranceFund: Fixed } => ({
  bnbPrice: fixed(config.SIM_BNB_PRICE_USDT),
  insuranceFund: fixed(config.SIM_INSURANCE_FUND_USDT),
});

/** Source: Binance USD-M exchangeInfo, rateLimits. */
const BINANCE_LIMITS = { weightPerMinute: 2_400, ordersPerTenSeconds: 300, ordersPerMinute: 1_200 } as const;

/** Returns the limits of this run. Requests are counted in wall time, in which an accelerated market passes as much more of its own. */
function limitsOf(config: SimulatorConfig): Readonly<Record<keyof typeof BINANCE_LIMITS, number | null>> {
  const { SIM_SPEED: speed } = config;
  const usual = (limit: number): number | null => (typeof speed === 'number' ? limit * Math.max(1, speed) : null);
  return {
    weightPerMinute: config.SIM_WEIGHT_LIMIT ?? usual(BINANCE_LIMITS.weightPerMinute),
    ordersPerTenSeconds: config.SIM_ORDER_LIMIT_10S ?? usual(BINANCE_LIMITS.ordersPerTenSeconds),
    ordersPerMinute: config.SIM_ORDER_LIMIT_1M ?? usual(BINANCE_LIMITS.ordersPerMinute),
  };
}

/** Returns what a socket may do. In a stepped market hours pass in seconds, and so do the sockets of a client under test. */
function socketLimitsOf(config: SimulatorConfig): SocketLimits {
  const otherwise = config.SIM_SPEED === 'stepped' ? null : BINANCE_SOCKET_LIMITS.connectionsPerAddress;
  return {
    ...BINANCE_SOCKET_LIMITS,
    lifetimeMs: config.SIM_SOCKET_LIFETIME_MS,
    connectionsPerAddress: config.SIM_CONNECTION_LIMIT ?? otherwise,
  };
}

/** Returns what clients may do in this run, and what they find where. */
export const networkOf = (config: SimulatorConfig) => ({
  limits: limitsOf(config),
  socketLimits: socketLimitsOf(config),
  frameDelayMs: config.SIM_FRAME_DELAY_MS,
  unroutedStreams: config.SIM_UNROUTED_STREAMS,
});
