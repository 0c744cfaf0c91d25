import { type DeadLetter, type DeadLetterStore, type Envelope, EnvelopeHead, type InboxStore } from '@qt/contracts';
import { AppError, InvariantError, messageOf } from '@qt/kernel';
import { z } from 'zod';
import type { BusLogger, BusMetrics } from './ports.ts';
import type { Publisher } from './publisher.ts';
import { RecentIds } from './recent-ids.ts';
import type { SequenceTracker } from './sequence-tracker.ts';
import { textOf } from './stream-entry.ts';
import type { AfterCommit, Subscription, Work } from './subscription.ts';

const MAX_ATTEMPTS = 5;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 5_000;
/** Times an event may break an invariant, and with it the process, before it is parked. */
const MAX_BREAKS = 3;
/** Ids remembered so that a second delivery costs no transaction; older ones are told apart by the inbox. */
const REMEMBERED_IDS = 10_000;

const EnvelopeText = EnvelopeHead.extend({ payload: z.unknown() });

/** Returns the envelope in a text on the stream of `type`, or what is wrong with the text. */
export const envelopeOf = (type: string, envelopeText: string): Envelope | string => {
  try {
    const parsed = EnvelopeText.safeParse(JSON.parse(envelopeText));
    if (!parsed.success) return messageOf(parsed.error);
    return parsed.data.type === type ? parsed.data : `type ${parsed.data.type} on the stream of ${type}`;
  } catch (error) {
    return messageOf(error);
  }
};

export interface DeliveryOptions {
  readonly consumer: string;
  readonly inbox: InboxStore;
  readonly deadLetters: DeadLetterStore;
  readonly publisher: Publisher;
  readonly tracker: SequenceTracker;
  readonly logger: BusLogger;
  readonly metrics: BusMetrics;
  readonly onParked: (letter: DeadLetter) => void;
  /** Counts, across restarts, how often an event has broken an invariant; returns the new count. */
  readonly countBreak: (eventId: string) => Promise<number>;
}

type Outcome = { readonly kind: 'applied'; readonly afterCommit: AfterCommit | null } | { readonly kind: 'duplicate' };

/** Thrown out of a delivery that was interrupted by `stop`; the event stays unacknowledged. */
export class DeliveryStopped extends Error {
  override readonly name = 'DeliveryStopped';
}

/** Lets one event take effect: once, or in the dead letters, or not yet. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #types = new Set<string>();
  readonly #sharedTypes = new Set<string>();
  /** Applied or parked by this process. */
  readonly #done = new RecentIds(REMEMBERED_IDS);
  #stopping = new AbortController();
  #parkedCount = 0;
  #lastHandledAtMs: number | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  get types(): readonly string[] {
    return [...this.#types];
  }

  get parkedCount(): number {
    return this.#parkedCount;
  }

  get lastHandledAtMs(): number | null {
    return this.#lastHandledAtMs;
  }

  isSubscribed(type: string): boolean {
    return this.#types.has(type);
  }

  subscribe(subscription: Subscription): void {
    const name = nameOf(subscription);
    if (this.#subscriptions.has(name)) throw new InvariantError(`expected: one subscription to ${name} per bus`);
    this.#subscriptions.set(name, subscription);
    this.#types.add(subscription.type);
    if (subscription.sharesTransaction) this.#sharedTypes.add(subscription.type);
  }

  /** Takes events for dealt with: those an earlier run has parked, of which the stream may still hold an entry and no inbox row tells. */
  remember(eventIds: readonly string[]): void {
    for (const id of eventIds) this.#done.add(id);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Handles events again after `stop`. */
  resume(): void {
    this.#stopping = new AbortController();
  }

  /** Returns the envelope of a stream's entry; parks text that is none and returns null. */
  async read(type: string, envelopeText: string): Promise<Envelope | null> {
    const found = envelopeOf(type, envelopeText);
    if (typeof found !== 'string') return found;
    await this.#park({
      type,
      eventId: null,
      envelopeText,
      code: 'CONTRACT_VIOLATION',
      reason: `not an envelope: ${found}`,
    });
    return null;
  }

  /** Handles an event of the outbox; resolves once it has taken effect or is parked. A replay is tried although it was parked. Throws InvariantError, and DeliveryStopped when the bus stops first. */
  async apply(envelope: Envelope, isReplay = false): Promise<void> {
    if (!isReplay && this.#done.has(envelope.id)) {
      this.#options.metrics.duplicate(envelope.type);
      return;
    }
    const { consumer, inbox, metrics, publisher, tracker } = this.#options;
    const startedMs = performance.now();
    const outcome = await this.#settle(envelope, (run) =>
      publisher.transact(async (work): Promise<Outcome> => {
        const claim = await inbox.claim(work.tx, consumer, envelope);
        if (claim === 'duplicate') return { kind: 'duplicate' };
        return { kind: 'applied', afterCommit: (await run(work)) ?? null };
      }),
    );
    this.#done.add(envelope.id);
    if (outcome?.kind === 'duplicate') metrics.duplicate(envelope.type);
    if (outcome?.kind === 'applied') await this.#finish(envelope, outcome.afterCommit, startedMs);
    tracker.advance(envelope);
  }

  /** Whether some version of the event may be handled together with others. */
  isShared(type: string): boolean {
    return this.#sharedTypes.has(type);
  }

  /** Whether the event may be handled in one transaction with its neighbours: it is new, and its handler allows it. */
  canShare(envelope: Envelope): boolean {
    const subscription = this.#subscriptions.get(nameOf(envelope));
    return subscription?.sharesTransaction === true && !this.#done.has(envelope.id);
  }

  /** Handles several events in one transaction, in order. Returns false, with nothing done, when that failed: each has to be applied alone. */
  async applyTogether(envelopes: readonly Envelope[]): Promise<boolean> {
    const { consumer, inbox, logger, metrics, publisher, tracker } = this.#options;
    const startedMs = performance.now();
    let outcomes: readonly Outcome[];
    try {
      const runs = envelopes.map((envelope) => this.#subscriptions.get(nameOf(envelope))?.bind(envelope));
      outcomes = await publisher.transact(async (work) => {
        const first = await inbox.claimAll(work.tx, consumer, envelopes);
        const done: Outcome[] = [];
        for (const [index, { id }] of envelopes.entries()) {
          if (!first.has(id)) done.push({ kind: 'duplicate' });
          else done.push({ kind: 'applied', afterCommit: (await runs[index]?.(work)) ?? null });
        }
        return done;
      });
    } catch (error) {
      logger.warn('events could not be handled together; handling them one by one', {
        code: codeOf(error),
        reason: messageOf(error),
        count: envelopes.length,
      });
      return false;
    }
    for (const [index, envelope] of envelopes.entries()) {
      const outcome = outcomes[index];
      this.#done.add(envelope.id);
      if (outcome?.kind === 'applied') await this.#finish(envelope, outcome.afterCommit, startedMs);
      else metrics.duplicate(envelope.type);
      tracker.advance(envelope);
    }
    return true;
  }

  /** Handles an event that no outbox holds: without an inbox row, as often as it is delivered. */
  async applyDirect(envelope: Envelope): Promise<void> {
    const startedMs = performance.now();
    const outcome = await this.#settle(envelope, (run) =>
      this.#options.publisher.transact(
        async (work): Promise<Outcome> => ({ kind: 'applied', afterCommit: (await run(work)) ?? null }),
      ),
    );
    if (outcome?.kind === 'applied') await this.#finish(envelope, outcome.afterCommit, startedMs);
  }

  /** Returns null when the event has been parked. */
  async #settle(
    envelope: Envelope,
    attempt: (run: (work: Work) => Promise<void | AfterCommit>) => Promise<Outcome>,
  ): Promise<Outcome | null> {
    const subscription = this.#subscriptions.get(nameOf(envelope));
    if (subscription === undefined) {
      await this.#parkEnvelope(
        envelope,
        'EVENT_VERSION_UNKNOWN',
        `no handler for ${envelope.type} version ${envelope.version}`,
      );
      return null;
    }
    let run: ReturnType<Subscription['bind']>;
    try {
      run = subscription.bind(envelope);
    } catch (error) {
      await this.#parkEnvelope(envelope, 'CONTRACT_VIOLATION', messageOf(error));
      return null;
    }
    for (let failures = 0, waits = 0; ; waits += 1) {
      try {
        return await attempt(run);
      } catch (error) {
        const verdict = await this.#judge(envelope, error);
        if (verdict === 'counts') failures += 1;
        if (verdict === 'hopeless' || failures >= MAX_ATTEMPTS) {
          await this.#parkEnvelope(envelope, codeOf(error), messageOf(error));
          return null;
        }
        await this.#pause(waits);
      }
    }
  }

  /** Says what a failure means for the event. Throws it when the process must end. */
  async #judge(envelope: Envelope, error: unknown): Promise<'again' | 'counts' | 'hopeless'> {
    const { logger, metrics, countBreak } = this.#options;
    metrics.failed(envelope.type, codeOf(error));
    logger.error(`handling ${envelope.type} failed`, {
      code: codeOf(error),
      reason: messageOf(error),
      eventId: envelope.id,
      correlationId: envelope.correlationId,
    });
    if (error instanceof InvariantError) {
      if ((await countBreak(envelope.id).catch(() => 0)) < MAX_BREAKS) throw error;
      return 'hopeless';
    }
    if (error instanceof AppError) return error.retryable ? 'again' : 'hopeless';
    return 'counts';
  }

  async #finish(envelope: Envelope, afterCommit: AfterCommit | null, startedMs: number): Promise<void> {
    const { logger, metrics } = this.#options;
    if (afterCommit !== null) {
      try {
        await afterCommit();
      } catch (error) {
        if (error instanceof InvariantError) throw error;
        // The transaction stands, so the event must not be handled again.
        metrics.failed(envelope.type, codeOf(error));
        logger.error(`what followed ${envelope.type} failed`, {
          code: codeOf(error),
          reason: messageOf(error),
          eventId: envelope.id,
          correlationId: envelope.correlationId,
        });
      }
    }
    this.#lastHandledAtMs = Date.now();
    metrics.handled(envelope.type, performance.now() - startedMs);
  }

  #parkEnvelope(envelope: Envelope, code: string, reason: string): Promise<void> {
    return this.#park({ type: envelope.type, eventId: envelope.id, envelopeText: textOf(envelope), code, reason });
  }

  /** Keeps trying: an event may not be acknowledged before it is either applied or parked. */
  async #park(parts: Omit<DeadLetter, 'consumer'>): Promise<void> {
    const { consumer, deadLetters, logger, metrics, onParked } = this.#options;
    const letter: DeadLetter = { consumer, ...parts };
    for (let waits = 0; ; waits += 1) {
      try {
        await deadLetters.park(letter);
        break;
      } catch (error) {
        logger.error('an event could not be parked; trying again', {
          reason: messageOf(error),
          eventId: letter.eventId,
        });
        await this.#pause(waits);
      }
    }
    this.#parkedCount += 1;
    metrics.parked(letter.type, letter.code);
    logger.error(`parked ${letter.type}`, { code: letter.code, reason: letter.reason, eventId: letter.eventId });
    onParked(letter);
  }

  async #pause(waits: number): Promise<void> {
    const { signal } = this.#stopping;
    const forMs = Math.min(FIRST_RETRY_MS * 2 ** waits, MAX_RETRY_MS);
    if (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, forMs);
        signal.addEventListener('abort', wake);
      });
    }
    if (signal.aborted) throw new DeliveryStopped('the bus stops');
  }
}

const nameOf = ({ type, version }: { readonly type: string; readonly version: number }): string => `${type}@${version}`;

const codeOf = (error: unknown): string => {
  if (error instanceof AppError) return error.code;
  return error instanceof InvariantError ? 'INVARIANT_BROKEN' : 'HANDLER_FAILED';
};
