import type { OrderLeg } from '@qt/contracts';
import { invariant } from '@qt/kernel';

/** The legs we send ourselves. */
export type OwnLeg = Exclude<OrderLeg, 'external'>;

const LETTER: Record<OwnLeg, string> = { entry: 'E', stop: 'S', target: 'T', exit: 'X' };
const LEG: Record<string, OwnLeg> = { E: 'entry', S: 'stop', T: 'target', X: 'exit' };
const PATTERN = /^q1-([0-9A-HJKMNP-TV-Z]{26})-([ESTX])(\d+)$/;
const MAX_LENGTH = 36;

export interface OwnOrderName {
  readonly decisionId: string;
  readonly leg: OwnLeg;
  readonly attempt: number;
}

/**
 * Returns the client order id of one attempt at one leg of a decision: `q1-<decision>-<E|S|T|X><attempt>`.
 *
 * Throws: InvariantError if the decision id is no ULID or the result would be longer than the venue allows.
 */
export const clientOrderIdOf = ({ decisionId, leg, attempt }: OwnOrderName): string => {
  const id = `q1-${decisionId}-${LETTER[leg]}${attempt}`;
  invariant(
    PATTERN.test(id) && id.length <= MAX_LENGTH,
    `a client order id of at most ${MAX_LENGTH} characters, was ${id}`,
  );
  return id;
};

/** Returns what a client order id of ours names; null for one that is not ours. */
export const parseClientOrderId = (clientOrderId: string): OwnOrderName | null => {
  const match = PATTERN.exec(clientOrderId);
  if (match === null) return null;
  const [, decisionId = '', letter = '', attempt = ''] = match;
  const leg = LEG[letter];
  return leg === undefined ? null : { decisionId, leg, attempt: Number(attempt) };
};
