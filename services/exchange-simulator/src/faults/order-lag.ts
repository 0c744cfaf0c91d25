import type { Answer } from './reply.ts';

/** A good placement that queries do not know of yet. */
interface HiddenOrder {
  readonly faultId: string;
  readonly accountId: string;
  /** Both ids as they stand in answers: the venue's and the client's. */
  readonly ids: readonly string[];
  /** Market time from which on it is known. */
  readonly untilMs: number | null;
  queriesLeft: number | null;
}

interface Query {
  readonly accountId: string;
  /** Returns a parameter as it was sent. */
  readonly param: (name: string) => string | undefined;
}

const DEFAULT_LAG_MS = 1_000;
const ID_FIELDS = ['clientOrderId', 'clientAlgoId', 'orderId', 'algoId'] as const;
const ID_PARAMS = ['origClientOrderId', 'clientAlgoId', 'orderId', 'algoId'] as const;

const NO_SUCH_ORDER: Answer = {
  kind: 'answer',
  status: 400,
  body: { code: -2013, msg: 'Order does not exist.' },
};

const idsOf = (row: unknown): readonly string[] => {
  if (Array.isArray(row)) return row.flatMap(idsOf);
  if (typeof row !== 'object' || row === null) return [];
  const fields = row as Readonly<Record<string, unknown>>;
  // Large ids are printed as raw digits: their JSON text is the id.
  return ID_FIELDS.flatMap((name) => {
    const value = fields[name];
    if (value === undefined) return [];
    return [typeof value === 'string' ? value : JSON.stringify(value)];
  });
};

/** Orders that were placed well and that the venue's own queries do not find yet, by time or by number of queries. */
export class OrderLag {
  readonly #nowMs: () => number;
  #hidden: HiddenOrder[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Hides what a placement's answer names. With neither `delayMs` nor `queries`: for a second of market time. */
  hide(
    lag: { faultId: string; accountId: string; delayMs: number | undefined; queries: number | undefined },
    { body }: Answer,
  ): void {
    const { faultId, accountId, delayMs, queries } = lag;
    const lagMs = delayMs ?? (queries === undefined ? DEFAULT_LAG_MS : undefined);
    const untilMs = lagMs === undefined ? null : this.#nowMs() + lagMs;
    this.#hidden.push({ faultId, accountId, ids: idsOf(body), untilMs, queriesLeft: queries ?? null });
  }

  /** Returns -2013 and the rule it comes from when the order asked for is hidden; a query by number counts. */
  answerQuery({ accountId, param }: Query): { readonly faultId: string; readonly answer: Answer } | undefined {
    const asked = new Set(ID_PARAMS.flatMap((name) => param(name) ?? []));
    const found = this.#live().find((order) => order.accountId === accountId && order.ids.some((id) => asked.has(id)));
    if (found === undefined) return undefined;
    if (found.queriesLeft !== null) found.queriesLeft -= 1;
    return { faultId: found.faultId, answer: NO_SUCH_ORDER };
  }

  /** Returns a list of open orders without those that are hidden. */
  withoutHidden(accountId: string, answer: Answer): Answer {
    const { body } = answer;
    if (!Array.isArray(body)) return answer;
    const hidden = new Set(this.#live().flatMap((order) => (order.accountId === accountId ? order.ids : [])));
    return { ...answer, body: body.filter((row) => !idsOf(row).some((id) => hidden.has(id))) };
  }

  /** Whether anything is hidden at this moment. */
  get isActive(): boolean {
    return this.#hidden.length > 0 && this.#live().length > 0;
  }

  /** Ends what a rule hides. */
  show(faultId: string): void {
    this.#hidden = this.#hidden.filter((order) => order.faultId !== faultId);
  }

  #live(): readonly HiddenOrder[] {
    const nowMs = this.#nowMs();
    this.#hidden = this.#hidden.filter(
      ({ untilMs, queriesLeft }) => (untilMs === null || nowMs < untilMs) && (queriesLeft === null || queriesLeft > 0),
    );
    return this.#hidden;
  }
}
