import { type Envelope, streamOf } from '@qt/contracts';
import { AppError } from '@qt/kernel';
import { z } from 'zod';

// Far more than a consumer may lag; what is trimmed unread is fetched from the outbox.
const MAX_ENTRIES = '100000';

/** One entry of a stream as Redis gave it. `fields` is null when the entry was trimmed while it was pending. */
export interface StreamEntry {
  readonly stream: string;
  readonly entryId: string;
  readonly fields: EntryFields | null;
}

interface EntryFields {
  readonly envelopeText: string;
  /** Orders entries of one producer that Redis took in the same millisecond on different streams. */
  readonly relayOrder: number;
  /** Sent past the outbox: no inbox row, no sequence. */
  readonly isDirect: boolean;
  /** Put back by an operator: to be handled although it was parked. */
  readonly isReplay: boolean;
}

export interface Addition {
  readonly type: string;
  readonly envelopeText: string;
  readonly relayOrder: number;
  readonly kind?: 'recorded' | 'direct' | 'replay';
}

/** Returns the arguments of the XADD that puts an envelope on its stream. */
export const additionOf = ({ type, envelopeText, relayOrder, kind = 'recorded' }: Addition): [string, ...string[]] => {
  const fields = ['e', envelopeText, 'n', String(relayOrder)];
  if (kind !== 'recorded') fields.push('k', kind);
  return [streamOf(type), 'MAXLEN', '~', MAX_ENTRIES, '*', ...fields];
};

export const textOf = (envelope: Envelope): string => JSON.stringify(envelope);

// Checked by hand: a schema over a hundred entries costs more than handling them.
const isPair = (value: unknown): value is readonly [string, unknown] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string';

const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw new AppError('REDIS_REPLY_UNKNOWN', 'Redis answered with something that is no list of entries', {
    retryable: true,
  });
};

const entryOf = (stream: string, raw: unknown): StreamEntry => {
  if (isPair(raw)) return { stream, entryId: raw[0], fields: raw[1] === null ? null : fieldsOf(listOf(raw[1])) };
  throw new AppError('REDIS_REPLY_UNKNOWN', `Redis answered with an entry that is none on ${stream}`, {
    retryable: true,
  });
};

const fieldsOf = (raw: readonly unknown[]): EntryFields => {
  let envelopeText = '';
  let relayOrder = 0;
  let kind = '';
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const value = String(raw[index + 1]);
    if (raw[index] === 'e') envelopeText = value;
    else if (raw[index] === 'n') relayOrder = Number(value);
    else if (raw[index] === 'k') kind = value;
  }
  return { envelopeText, relayOrder, isDirect: kind === 'direct', isReplay: kind === 'replay' };
};

const millisecondOf = (entryId: string): number => Number(entryId.slice(0, entryId.indexOf('-')));

/** Returns the entries of an XREADGROUP reply in the order in which Redis took them, whatever their stream. */
export const entriesOf = (reply: unknown): StreamEntry[] => {
  const streams = reply === null ? [] : listOf(reply);
  const entries = streams.flatMap((raw) => {
    if (!isPair(raw)) throw new AppError('REDIS_REPLY_UNKNOWN', 'Redis answered with no stream', { retryable: true });
    return listOf(raw[1]).map((entry) => entryOf(raw[0], entry));
  });
  if (streams.length < 2) return entries;
  // The sort is stable, so entries of one stream keep their order.
  return entries.sort(
    (a, b) =>
      millisecondOf(a.entryId) - millisecondOf(b.entryId) || (a.fields?.relayOrder ?? 0) - (b.fields?.relayOrder ?? 0),
  );
};

/** Returns what XAUTOCLAIM took over from members that are gone, and where to go on. */
export const claimOf = (
  stream: string,
  reply: unknown,
): { readonly cursor: string; readonly entries: StreamEntry[] } => {
  const [cursor, raw] = listOf(reply);
  // Before version 7 Redis gives null for an entry that was trimmed.
  const entries = listOf(raw).filter((entry) => entry !== null);
  return { cursor: String(cursor), entries: entries.map((entry) => entryOf(stream, entry)) };
};

const RawGroups = z.array(z.array(z.union([z.string(), z.number(), z.null()])));

/** Returns how many entries a group has not acknowledged: delivered and pending, or not delivered yet. */
export const lagOf = (reply: unknown, group: string): number => {
  for (const raw of RawGroups.parse(reply)) {
    const facts = new Map<unknown, unknown>();
    for (let index = 0; index + 1 < raw.length; index += 2) facts.set(raw[index], raw[index + 1]);
    if (facts.get('name') === group) return Number(facts.get('pending') ?? 0) + Number(facts.get('lag') ?? 0);
  }
  return 0;
};
