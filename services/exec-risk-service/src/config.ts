import { CommonConfig, secret } from '@qt/service-kit';
import { z } from 'zod';

const url = (schemes: string) =>
  z
    .string()
    .regex(new RegExp(`^(${schemes})://\\S+$`), `expected a URL that begins with ${schemes.replace('|', ' or ')}`);

/** Every variable of exec-risk-service. `X_FILE` may name a file that holds a secret `X`. */
export const ExecRiskConfig = z.object({
  ...CommonConfig,
  VENUE: z.enum(['simulator', 'testnet', 'live']).default('simulator'),
  /** When left out: the venue's own address. */
  VENUE_REST_URL: url('https?').optional(),
  VENUE_WS_URL: url('wss?').optional(),
  BINANCE_API_KEY: secret('BINANCE_API_KEY'),
  BINANCE_API_SECRET: secret('BINANCE_API_SECRET'),
  /** A ceiling that no operator can raise. When left out: true against the simulator only. */
  TRADING_ENABLED: z.stringbool().optional(),
  RISK_LIMITS_FILE: z.string().min(1).default('config/risk-limits.yaml'),
  /** Wall time for one placing or canceling. */
  ORDER_DEADLINE_MS: z.coerce.number().int().min(100).max(60_000).default(4000),
  /** Wall time for every other request to the venue. */
  REQUEST_DEADLINE_MS: z.coerce.number().int().min(100).max(60_000).default(5000),
  RECV_WINDOW_MS: z.coerce.number().int().min(100).max(60_000).default(2500),
  /** Wall time that fills may take on the user stream before they are fetched. */
  FILL_WAIT_MS: z.coerce.number().int().min(0).max(10_000).default(250),
  /** Tests only: ends the process at the named point of the money path. */
  CRASH_AT: z.string().optional(),
});
export type ExecRiskConfig = z.infer<typeof ExecRiskConfig>;
