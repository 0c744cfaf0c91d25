import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@qt/kernel';
import { z } from 'zod';

const text = z.string();
const head = { seq: z.int().positive(), timeMs: z.int().nonnegative() };
const optionalText = z.string().nullish();

const records = {
  run: z.object({ ...head, kind: z.literal('run'), speed: z.union([z.string(), z.number()]), symbols: z.array(text) }),
  order: z.object({
    ...head,
    kind: z.literal('order'),
    orderId: z.coerce.string(),
    clientOrderId: text,
    symbol: text,
    side: text,
    type: text,
    quantity: text,
    origin: z.enum(['client', 'algo', 'liquidation', 'control']),
    algoId: z.coerce.string().nullish(),
    reduceOnly: z.boolean(),
  }),
  order_update: z.object({
    ...head,
    kind: z.literal('order_update'),
    orderId: z.coerce.string(),
    clientOrderId: text,
    status: text,
    executedQuantity: text,
  }),
  algo: z.object({
    ...head,
    kind: z.literal('algo'),
    algoId: z.coerce.string(),
    clientAlgoId: text,
    symbol: text,
    side: text,
    type: text,
    quantity: optionalText,
    triggerPrice: text,
    closePosition: z.boolean(),
    reduceOnly: z.boolean(),
  }),
  algo_update: z.object({
    ...head,
    kind: z.literal('algo_update'),
    algoId: z.coerce.string(),
    clientAlgoId: text,
    status: text,
    orderId: z.coerce.string().nullish(),
  }),
  fill: z.object({
    ...head,
    kind: z.literal('fill'),
    tradeId: z.coerce.string(),
    orderId: z.coerce.string(),
    clientOrderId: text,
    symbol: text,
    side: text,
    quantity: text,
    price: text,
    fee: text,
    feeAsset: text,
    realizedPnl: text,
    positionAfter: text,
  }),
  income: z.object({
    ...head,
    kind: z.literal('income'),
    tranId: z.coerce.string(),
    incomeType: text,
    asset: text,
    amount: text,
    symbol: optionalText,
    tradeId: z.coerce.string().nullish(),
    walletAfter: text,
  }),
} as const;

export type RunRecord = z.infer<typeof records.run>;
export type OrderRecord = z.infer<typeof records.order>;
export type OrderUpdateRecord = z.infer<typeof records.order_update>;
export type AlgoRecord = z.infer<typeof records.algo>;
export type AlgoUpdateRecord = z.infer<typeof records.algo_update>;
export type FillRecord = z.infer<typeof records.fill>;
export type IncomeRecord = z.infer<typeof records.income>;
export type VenueRecord =
  | RunRecord
  | OrderRecord
  | OrderUpdateRecord
  | AlgoRecord
  | AlgoUpdateRecord
  | FillRecord
  | IncomeRecord;

/** What the venue wrote down itself, in the order in which it happened. */
export interface VenueLedger {
  readonly path: string;
  readonly records: readonly VenueRecord[];
  /** Lines of every kind, the ones not needed here included. */
  readonly lineCount: number;
  /** Market time of the last line of any kind. */
  readonly lastTimeMs: number;
}

const isKnownKind = (kind: unknown): kind is keyof typeof records =>
  typeof kind === 'string' && Object.hasOwn(records, kind);

const fault = (path: string, line: number, found: string): AppError =>
  new AppError('VENUE_LEDGER_INVALID', `${path}, line ${line}: ${found}`, { retryable: false });

/**
 * Returns the simulator's ledger file, every line checked: valid JSON, numbered 1, 2, 3 … without a gap, never going back in time.
 *
 * Throws: VENUE_LEDGER_INVALID naming file, line, what was found and what was expected; VENUE_LEDGER_UNREADABLE.
 */
export const readVenueLedger = (path: string): VenueLedger => {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'VENUE_LEDGER_UNREADABLE',
      `found no readable ledger at ${path} (${messageOf(error)}); expected the file that SIM_LEDGER_FILE of the simulator names`,
      { retryable: false, cause: error },
    );
  }
  const lines = content.split('\n');
  // A venue that was killed in mid-write leaves half a line at the end; it was never acknowledged to anyone.
  lines.pop();

  const parsed: VenueRecord[] = [];
  let lastTimeMs = 0;
  for (const [index, line] of lines.entries()) {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw fault(path, index + 1, `found no JSON (${messageOf(error)})`);
    }
    const base = z.object({ ...head, kind: z.string() }).safeParse(value);
    if (!base.success) throw fault(path, index + 1, `found a record without seq, timeMs or kind`);
    const { seq, timeMs, kind } = base.data;
    if (seq !== index + 1)
      throw fault(path, index + 1, `found seq ${seq}, expected ${index + 1}: records are missing or doubled`);
    if (timeMs < lastTimeMs)
      throw fault(path, index + 1, `found time ${timeMs}, before ${lastTimeMs} of the line above`);
    lastTimeMs = timeMs;
    if (!isKnownKind(kind)) continue;
    const record = records[kind].safeParse(value);
    if (!record.success)
      throw fault(path, index + 1, `found a broken ${kind} record: ${z.prettifyError(record.error)}`);
    parsed.push(record.data);
  }
  return { path, records: parsed, lineCount: lines.length, lastTimeMs };
};

/** Returns the records of one kind. */
export const ofKind = <K extends VenueRecord['kind']>(
  ledger: VenueLedger,
  kind: K,
): readonly Extract<VenueRecord, { kind: K }>[] =>
  ledger.records.filter((record): record is Extract<VenueRecord, { kind: K }> => record.kind === kind);
