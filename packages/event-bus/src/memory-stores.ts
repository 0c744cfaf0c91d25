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

/** The bus's three stores in this process's memory, and what they hold. */
export interface MemoryStores {
  readonly outbox: OutboxStore;
  readonly inbox: InboxStore;
  readonly deadLetters: DeadLetterStore;
  readonly parked: readonly DeadLetter[];
}

const noSql: Queryable = {
  query: () => Promise.reject(new AppError('NO_DATABASE', 'memory stores have no SQL', { retryable: false })),
};

/** Returns stores that forget everything with the process and roll nothing back: for benches and tests of the bus alone. */
export const createMemoryStores = (clock: Clock): MemoryStores => {
  const said: Envelope[] = [];
  const lastSeq = new Map<string, number>();
  const relayed = new Set<string>();
  const applied = new Map<string, Set<string>>();
  const appliedSeq = new Map<string, Map<string, number>>();
  const parked: DeadLetter[] = [];
  const appliedBy = (consumer: string): Set<string> => {
    const ids = applied.get(consumer) ?? new Set<string>();
    applied.set(consumer, ids);
    return ids;
  };
  const transaction = <T>(work: (tx: Queryable) => Promise<T>): Promise<T> => work(noSql);

  const outbox: OutboxStore = {
    transaction,
    append: (_tx, source, events) => {
      const envelopes = events.map(({ definition, draft }: StatedEvent): Envelope => {
        const name = `${source}/${definition.type}`;
        const producerSeq = (lastSeq.get(name) ?? 0) + 1;
        lastSeq.set(name, producerSeq);
        const { type, version } = definition;
        const id = uuidOf(draft.occurredAtMs, source, type, producerSeq);
        return { id, type, version, recordedAtMs: clock.nowMs(), source, producerSeq, ...draft };
      });
      said.push(...envelopes);
      return Promise.resolve(envelopes);
    },
    listUnrelayed: (source, limit) =>
      Promise.resolve(said.filter((e) => e.source === source && !relayed.has(e.id)).slice(0, limit)),
    markRelayed: (ids) => {
      for (const id of ids) relayed.add(id);
      return Promise.resolve();
    },
    lastSeqByType: (source) => {
      const own = [...lastSeq].filter(([name]) => name.startsWith(`${source}/`));
      return Promise.resolve(Object.fromEntries(own.map(([name, seq]) => [name.slice(source.length + 1), seq])));
    },
  };

  const inbox: InboxStore = {
    transaction,
    claim: (_tx, consumer, envelope) => {
      const ids = appliedBy(consumer);
      if (ids.has(envelope.id)) return Promise.resolve('duplicate');
      ids.add(envelope.id);
      const seqs = appliedSeq.get(consumer) ?? new Map<string, number>();
      appliedSeq.set(consumer, seqs.set(`${envelope.source}/${envelope.type}`, envelope.producerSeq));
      return Promise.resolve('first');
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
  };
  return { outbox, inbox, deadLetters, parked };
};
