import { type Envelope, streamOf } from '@qt/contracts';
import { z } from 'zod';

// Far more than a consumer may lag; what is trimmed unread is fetched from the outbox.
const MAX_ENTRIES = '100000';

/** One entry of a stream as Redis gave it. `fields` is null when the entry was trimmed while it was pending. */
export interface StreamEntry {
  readonly stream: string;
  readonly entryId: string;
  readonly fields: EntryFields | null;
}

export interface EntryFields {
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

const RawEntry = z.tuple([z.string(), z.array(z.string()).nullable()]);
const RawReply = z.array(z.tuple([z.string(), z.array(RawEntry)])).nullable();
const RawClaim = z.tuple([z.string(), z.array(RawEntry.nullable())]).rest(z.unknown());

const fieldsOf = (raw: readonly string[] | null): EntryFields | null => {
  if (raw === null) return null;
  let envelopeText = '';
  let relayOrder = 0;
  let kind = 'recorded';
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const value = raw[index + 1] ?? '';
    if (raw[index] === 'e') envelopeText = value;
    else if (raw[index] === 'n') relayOrder = Number(value);
    else if (raw[index] === 'k') kind = value;
  }
  return { envelopeText, relayOrder, isDirect: kind === 'direct', isReplay: kind === 'replay' };
};

const millisecondOf = (entryId: string): number => Number(entryId.slice(0, entryId.indexOf('-')));

/** Returns the entries of an XREADGROUP reply in the order in which Redis took them, whatever their stream. */
export const entriesOf = (reply: unknown): StreamEntry[] => {
  const streams = RawReply.parse(reply) ?? [];
  const entries = streams.flatMap(([stream, raw]) =>
    raw.map(([entryId, fields]): StreamEntry => ({ stream, entryId, fields: fieldsOf(fields) })),
  );
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
  const [cursor, raw] = RawClaim.parse(reply);
  const entries = raw.flatMap((entry): StreamEntry[] =>
    entry === null ? [] : [{ stream, entryId: entry[0], fields: fieldsOf(entry[1]) }],
  );
  return { cursor, entries };
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
