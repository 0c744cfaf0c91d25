import { z } from 'zod';
import { UnixMs } from './values.ts';

/** What every event carries around its payload. */
export const EnvelopeHead = z.object({
  id: z.uuid(),
  type: z.string().regex(/^[a-z_]+(\.[a-z_]+)+$/),
  version: z.int().positive(),
  /** Market or venue time of what happened. */
  occurredAtMs: UnixMs,
  /** Our wall clock when we wrote it down. */
  recordedAtMs: UnixMs,
  /** The service instance that said it, such as `regime-service`. */
  source: z.string().min(1),
  /** One per decision chain, from candle to closed position. */
  correlationId: z.string().min(1),
  /** The event that caused this one, if any. */
  causationId: z.string().nullable(),
  /** What orders this event among others: the symbol, or `account`. */
  key: z.string().min(1),
  /** 1, 2, 3 … without a gap per source and type. */
  producerSeq: z.int().positive(),
});
export type EnvelopeHead = z.infer<typeof EnvelopeHead>;

export interface Envelope<P = unknown> extends EnvelopeHead {
  readonly payload: P;
}

/** An event as its producer states it; the outbox adds id, source, sequence and time of recording. */
export interface EventDraft<P = unknown> {
  readonly occurredAtMs: number;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly key: string;
  readonly payload: P;
}

export interface EventDefinition<P = unknown> {
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<P>;
}

/** Declares one version of one event. A new optional field keeps the version; any other change is a new version. */
export const defineEvent = <P>(definition: EventDefinition<P>): EventDefinition<P> => definition;

/** Returns the Redis stream that carries events of `type`. */
export const streamOf = (type: string): string => `quantum:events:${type}`;
