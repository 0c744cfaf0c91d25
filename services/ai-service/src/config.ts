import { CommonConfig } from '@qt/service-kit';
import { z } from 'zod';

/** Every variable that ai-service reads. */
export const AiConfig = z.object({
  ...CommonConfig,
  /** How far ahead opinions look. Another horizon is another engine: it starts to learn anew. */
  HORIZON_CANDLES: z.coerce.number().int().min(1).max(500).default(12),
  /** A signal is published from this calibrated probability on. Chance is 0.5, and honest models stay near it. */
  MIN_CONFIDENCE_RATIO: z.coerce.number().min(0.5).max(1).default(0.52),
  /** Candles per market between two snapshots of what was learned; those in between are replayed at the next start. */
  SNAPSHOT_EVERY_CANDLES: z.coerce.number().int().min(1).max(10_000).default(100),
});
export type AiConfig = z.infer<typeof AiConfig>;
