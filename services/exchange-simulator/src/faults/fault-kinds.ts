import { z } from 'zod';

/** Everything that can be made to go wrong by a rule; what a client sees of each stands in `docs/faults.md`. */
export const FaultKind = z.enum([
  'drop_reply',
  'never_answer',
  'delay_reply',
  'late_execution',
  'reset',
  'reset_mid_body',
  'error_1000',
  'error_1001',
  'error_1006',
  'error_1007',
  'error_1008',
  'error_1021',
  'error_503',
  'error_503_unavailable',
  'error_429',
  'error_418',
  'error_403',
  'error_502',
  'error_504',
  'malformed_json',
  'empty_body',
  'order_lag',
  'stale_read',
  'clock_skew',
  'user_event_delay',
  'user_event_duplicate',
  'user_event_reorder',
  'user_event_drop',
  'market_event_delay',
  'market_event_duplicate',
  'market_event_reorder',
  'market_event_drop',
  'silent_socket',
  'half_open_socket',
  'socket_cut',
  'socket_refused',
]);
export type FaultKind = z.infer<typeof FaultKind>;

/** Fields of a rule that only some kinds know. */
export type KindField = 'method' | 'path' | 'executes' | 'delayMs' | 'queries' | 'banMs' | 'skewMs';

interface KindFacts {
  readonly concerns: 'request' | 'event' | 'socket';
  readonly takes: readonly KindField[];
  /** Whether the struck request is carried out, unless the rule says otherwise. */
  readonly executes: boolean;
}

const request = (executes: boolean, ...takes: readonly KindField[]): KindFacts => ({
  concerns: 'request',
  takes: ['method', 'path', ...takes],
  executes,
});
const event = (...takes: readonly KindField[]): KindFacts => ({
  concerns: 'event',
  takes: ['path', ...takes],
  executes: true,
});
const socket: KindFacts = { concerns: 'socket', takes: ['path'], executes: true };

/** What each kind strikes and what a rule of it may say. */
export const FAULT_KINDS: Readonly<Record<FaultKind, KindFacts>> = {
  drop_reply: request(true),
  never_answer: request(true, 'executes'),
  delay_reply: request(true, 'delayMs'),
  late_execution: request(true, 'delayMs'),
  reset: request(false, 'executes'),
  reset_mid_body: request(true),
  error_1000: request(false, 'executes'),
  error_1001: request(false),
  error_1006: request(true, 'executes'),
  // Like the real one, it has mostly been done.
  error_1007: request(true, 'executes'),
  error_1008: request(false),
  error_1021: request(false),
  error_503: request(false, 'executes'),
  error_503_unavailable: request(false),
  error_429: request(false, 'banMs'),
  error_418: request(false, 'banMs'),
  error_403: request(false),
  error_502: request(false, 'executes'),
  error_504: request(true, 'executes'),
  malformed_json: request(true),
  empty_body: request(true),
  order_lag: request(true, 'delayMs', 'queries'),
  stale_read: request(true, 'delayMs'),
  clock_skew: request(true, 'skewMs'),
  user_event_delay: event('delayMs'),
  user_event_duplicate: event(),
  user_event_reorder: event(),
  user_event_drop: event(),
  market_event_delay: event('delayMs'),
  market_event_duplicate: event(),
  market_event_reorder: event(),
  market_event_drop: event(),
  silent_socket: socket,
  half_open_socket: socket,
  socket_cut: socket,
  socket_refused: socket,
};

/** Returns the kinds that concern requests, in the order in which they are listed. */
export const REQUEST_FAULTS: readonly FaultKind[] = FaultKind.options.filter(
  (kind) => FAULT_KINDS[kind].concerns === 'request',
);
