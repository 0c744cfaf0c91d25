import type {
  DeadLetter,
  DeadLetterStore,
  Envelope,
  InboxStore,
  OutboxStore,
  Queryable,
  StatedEvent,
} from '@qt/contracts';
import { AppError, type Clock, uuidOf } from '@qt/kernel';
import { RecentIds } from './recent-ids.ts';

/** The bus's three stores in this process's memory, and what they hold. */
export interface MemoryStores {
  readonly outbox: OutboxStore;
  readonly inbox: InboxStore;
  readonly deadLetters: DeadLetterStore;
  readonly parked: readonly DeadLetter[];
}

const DEFAULT_CAPACITY = 10_000;

const noSql: Queryable = {
  query: () => Promise.reject(new AppError('NO_DATABASE', 'memory stores have no SQL', { retryable: false })),
};

/**
 * Returns stores that forget all but their last `capacity` events, everything with the process, and roll nothing back: for benches and
 * tests of the bus alone.
 */
export const createMemoryStores = (clock: Clock, capacity = DEFAULT_CAPACITY): MemoryStores => {
  let said: Envelope[] = [];
  const unrelayed = new Map<string, Envelope>();
  const lastSeq = new Map<string, number>();
  const applied = new Map<string, RecentIds>();
  const appliedSeq = new Map<string, Map<string, number>>();
  const parked: DeadLetter[] = [];
  const appliedBy = (consumer: string): RecentIds => {
    const ids = applied.get(consumer) ?? new RecentIds(2 * capacity);
    applied.set(consumer, ids);
    return ids;
  };
  const transaction = <T>(work: (tx: Queryable) => Promise<T>): Promise<T> => work(noSql);

  const numbered = (source: string, { definition, draft }: StatedEvent): Envelope => {
    const { type, version } = definition;
    const producerSeq = (lastSeq.get(`${source}/${type}`) ?? 0) + 1;
    lastSeq.set(`${source}/${type}`, producerSeq);
    return {
      id: uuidOf(draft.occurredAtMs, source, type, producerSeq),
      type,
      version,
      occurredAtMs: draft.occurredAtMs,
      recordedAtMs: clock.nowMs(),
      source,
      correlationId: draft.correlationId,
      causationId: draft.causationId,
      key: draft.key,
      producerSeq,
      payload: draft.payload,
    };
  };

  const outbox: OutboxStore = {
    transaction,
    append: (_tx, source, events) => {
      const envelopes = events.map((event) => numbered(source, event));
      for (const envelope of envelopes) {
        said.push(envelope);
        unrelayed.set(envelope.id, envelope);
      }
      if (said.length >= 2 * capacity) said = said.slice(-capacity);
      return Promise.resolve(envelopes);
    },
    listUnrelayed: (source, limit) => {
      const own = [...unrelayed.values()].filter((envelope) => envelope.source === source);
      return Promise.resolve(own.slice(0, limit));
    },
    markRelayed: (ids) => {
      for (const id of ids) unrelayed.delete(id);
      return Promise.resolve();
    },
    lastSeqByType: (source) => {
      const own = [...lastSeq].filter(([name]) => name.startsWith(`${source}/`));
      return Promise.resolve(Object.fromEntries(own.map(([name, seq]) => [name.slice(source.length + 1), seq])));
    },
  };

  const inbox: InboxStore = {
    transaction,
    claim: (_tx, consumer, { id, source, type, producerSeq }) => {
      const ids = appliedBy(consumer);
      if (ids.has(id)) return Promise.resolve('duplicate');
      ids.add(id);
      const seqs = appliedSeq.get(consumer) ?? new Map<string, number>();
      appliedSeq.set(consumer, seqs.set(`${source}/${type}`, producerSeq));
      return Promise.resolve('first');
    },
    claimAll: async (tx, consumer, envelopes) => {
      const first = new Set<string>();
      for (const envelope of envelopes)
        if ((await inbox.claim(tx, consumer, envelope)) === 'first') first.add(envelope.id);
      return first;
    },
    listMissing: (consumer, types, olderThanMs, limit) => {
      const ids = appliedBy(consumer);
      const gone = new Set(parked.filter((letter) => letter.consumer === consumer).map(({ eventId }) => eventId));
      const untilMs = clock.nowMs() - olderThanMs;
      const isMissing = (e: Envelope): boolean =>
        types.includes(e.type) && e.recordedAtMs <= untilMs && !ids.has(e.id) && !gone.has(e.id);
      return Promise.resolve(said.filter(isMissing).slice(0, limit));
    },
    lastAppliedSeq: (consumer) => Promise.resolve(Object.fromEntries(appliedSeq.get(consumer) ?? [])),
  };

  const deadLetters: DeadLetterStore = {
    park: (letter) => {
      parked.push(letter);
      return Promise.resolve();
    },
    listParkedIds: (consumer) =>
      Promise.resolve(
        parked.flatMap((letter) => (letter.consumer === consumer && letter.eventId !== null ? [letter.eventId] : [])),
      ),
  };
  return { outbox, inbox, deadLetters, parked };
};
