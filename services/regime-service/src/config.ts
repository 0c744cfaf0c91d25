import { CommonConfig } from '@qt/service-kit';
import { z } from 'zod';

/** Every variable this service reads; PORT and the like belong to the process itself. */
export const RegimeConfig = z.object({
  ...CommonConfig,
  VENUE: z.enum(['simulator', 'testnet', 'live']).default('simulator'),
  VENUE_REST_URL: z.url().optional(),
  VENUE_WS_URL: z.url().optional(),
  /** Candles fetched before the first live one; at least 200, or the detector starts out warming. */
  HISTORY_CANDLES: z.coerce.number().int().min(0).max(1_500).default(500),
  /** Of how many instances this is one; each takes every SHARD_COUNT-th symbol of the sorted list. */
  SHARD_COUNT: z.coerce.number().int().min(1).max(64).default(1),
  SHARD_INDEX: z.coerce.number().int().min(0).max(63).default(0),
});
export type RegimeConfig = z.infer<typeof RegimeConfig>;
