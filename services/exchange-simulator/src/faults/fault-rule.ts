import { z } from 'zod';

/**
 * What can be made to go wrong. On requests: `drop_reply` (done, never answered), `error_1007` and `error_503` (`executes` says whether it is
 * done all the same), `delay_reply`, `reset` (connection cut; on socket paths it cuts open sockets). On user events:
 * `user_event_delay`, `user_event_duplicate`, `user_event_reorder` (swapped with the next). `silent_socket`: open, but nothing comes.
 */
export const FaultKind = z.enum([
  'drop_reply',
  'error_1007',
  'error_503',
  'delay_reply',
  'user_event_delay',
  'user_event_duplicate',
  'user_event_reorder',
  'silent_socket',
  'reset',
]);
export type FaultKind = z.infer<typeof FaultKind>;

export const FaultRule = z.strictObject({
  id: z.string().min(1).max(64).optional(),
  kind: FaultKind,
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
  /** Request path, event type or socket path; without it the rule fits all that its kind concerns. */
  path: z.string().min(1).max(200).optional(),
  /** How often it strikes before it is spent. */
  times: z.int().positive().max(1_000_000).default(1),
  /** How many fitting requests, events or sockets pass before the first strike. */
  after: z.int().min(0).default(0),
  /** Whether a request answered with an error is carried out all the same. */
  executes: z.boolean().optional(),
  /** Units: wall milliseconds for replies, market milliseconds for user events. */
  delayMs: z.int().min(0).max(86_400_000).optional(),
});
export type FaultRule = z.infer<typeof FaultRule>;
