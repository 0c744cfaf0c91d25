import { cancelOrder, modifyOrder, type OrderCommand, type OrderDeps, placeOrder } from './order-commands.ts';
import { EngineRefusal, ProtocolError, refuse } from './protocol-error.ts';
import { RequestParameters } from './request-parameters.ts';

const BATCH_PATH = '/fapi/v1/batchOrders';
const MOST_ORDERS = 5;
const MOST_CANCELS = 10;
/** As documented, and as ccxt sends them to the real venue. */
const ID_LISTS = ['orderIdList', 'orderidlist', 'origClientOrderIdList', 'origclientorderidlist'] as const;

type Fields = Readonly<Record<string, unknown>>;

/** Ids may exceed what a JavaScript number holds, so numbers are kept as they were written. */
const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? (context?.source ?? value) : value;

/** Reads a list written as JSON. Throws: -1102 when it was not sent, -1130 when it is no list. */
const readList = (params: RequestParameters, name: string): readonly unknown[] => {
  const text = params.requiredText(name);
  let list: unknown;
  try {
    list = JSON.parse(text, keepDigits) as unknown;
  } catch {
    throw refuse.invalidData(name);
  }
  if (!Array.isArray(list)) throw refuse.invalidData(name);
  return list;
};

const isFields = (item: unknown): item is Fields => typeof item === 'object' && item !== null && !Array.isArray(item);

const readOrders = (params: RequestParameters): readonly Fields[] => {
  const items = readList(params, 'batchOrders');
  if (items.length === 0 || items.length > MOST_ORDERS) throw refuse.badBatchSize(items.length);
  if (!items.every(isFields)) throw refuse.invalidData('batchOrders');
  return items;
};

/** Reads an item's fields as parameters; null counts as not sent. Throws: -1130 on a field that is neither text, number nor boolean. */
const paramsOf = (fields: Fields): RequestParameters => {
  const sent = Object.entries(fields).filter(([, value]) => value !== null);
  return RequestParameters.of(
    sent.map(([name, value]) => {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
        return [name, `${value}`];
      throw refuse.invalidData(name);
    }),
  );
};

/** Runs a command for one item; a refusal is the item's answer and stops none of the others. */
const answerOf = (
  command: OrderCommand,
  deps: OrderDeps,
  { accountId, fields }: { accountId: string; fields: Fields },
): object => {
  try {
    return command(deps, { params: paramsOf(fields), accountId, path: BATCH_PATH });
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown;
    const { code, message: msg } = thrown;
    // What the engine refuses it has noted itself.
    if (!(thrown instanceof EngineRefusal)) deps.venue.noteReject({ path: BATCH_PATH, code, msg });
    return { code, msg };
  }
};

const forEachOrder =
  (command: OrderCommand): OrderCommand =>
  (deps, { params, accountId }) =>
    readOrders(params).map((fields) => answerOf(command, deps, { accountId, fields }));

/** Places up to five plain orders, each with an answer of its own, in the order in which they were sent. */
export const placeBatch: OrderCommand = forEachOrder(placeOrder);

/** Changes up to five resting orders, each with an answer of its own. */
export const modifyBatch: OrderCommand = forEachOrder(modifyOrder);

/** Cancels up to ten plain orders of a symbol by `orderIdList` or, without it, by `origClientOrderIdList`. */
export const cancelBatch: OrderCommand = (deps, { params, accountId }) => {
  const symbol = params.requiredSymbol();
  const name = ID_LISTS.find((one) => params.text(one) !== undefined);
  if (name === undefined) throw refuse.neitherIdList();
  const byOrderId = name.toLowerCase() === 'orderidlist';
  const ids = readList(params, name);
  if (ids.length === 0) throw refuse.neitherIdList();
  if (ids.length > MOST_CANCELS) throw refuse.tooManyCancels();
  return ids.map((id) => {
    const fields = { symbol, [byOrderId ? 'orderId' : 'origClientOrderId']: id };
    return answerOf(cancelOrder, deps, { accountId, fields });
  });
};
