import type { Answer } from '../domain/venue-types.ts';

/**
 * A request that the venue refuses, as Binance words it. Thrown while a request is being read or answered; the server turns it into
 * an HTTP answer with the body `{"code":…,"msg":…}`.
 *
 * Source: developers.binance.com, USD-M futures, error codes; recorded texts in the payload collection.
 */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError';
  readonly status: number;
  readonly code: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Characters of a client's own text in a refusal: refusals of placements stand in the ledger, which must not hold what anybody sends. */
const LONGEST_ECHO = 40;

/** This market names parameters in lower case. Source: recorded bodies of /fapi/v1/order and /fapi/v1/algoOrder. */
const mandatory = (name: string): string =>
  `Mandatory parameter '${name.toLowerCase()}' was not sent, was empty/null, or malformed.`;

/** The refusals that the protocol layer itself makes; what the matching engine refuses carries its own code and text. */
export const refuse = {
  missingParameter: (name: string) => new ProtocolError(-1102, mandatory(name)),
  emptyParameter: (name: string) => new ProtocolError(-1105, `Parameter '${name}' was empty.`),
  illegalCharacters: (name: string) =>
    new ProtocolError(
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '^[.A-Z:/a-z0-9_-]{1,36}$'.`,
    ),
  malformedNumber: (name: string) =>
    new ProtocolError(
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
    ),
  neitherId: () =>
    new ProtocolError(-1102, `Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!`),
  neitherAlgoId: () =>
    new ProtocolError(-1102, `Param 'clientAlgoId' or 'algoId' must be sent, but both were empty/null!`),
  neitherIdList: () =>
    new ProtocolError(-1102, `Param 'orderIdList' or 'origClientOrderIdList' must be sent, but both were empty/null!`),
  tooManyParameters: () => new ProtocolError(-1101, 'Too many parameters sent for this endpoint.', 413),
  duplicateParameter: (name: string) =>
    new ProtocolError(-1101, `Duplicate values for parameter '${name.slice(0, LONGEST_ECHO)}' detected.`),
  invalidSymbol: () => new ProtocolError(-1121, 'Invalid symbol.'),
  invalidInterval: () => new ProtocolError(-1120, 'Invalid interval.'),
  invalidSide: () => new ProtocolError(-1117, 'Invalid side.'),
  invalidOrderType: () => new ProtocolError(-1116, 'Invalid orderType.'),
  invalidTimeInForce: () => new ProtocolError(-1115, 'Invalid timeInForce.'),
  invalidData: (name: string) => new ProtocolError(-1130, `Data sent for parameter '${name}' is not valid.`),
  badRecvWindow: () => new ProtocolError(-1131, `recvWindow must be less than 60000`),
  outsideRecvWindow: () => new ProtocolError(-1021, 'Timestamp for this request is outside of the recvWindow.'),
  aheadOfServer: () => new ProtocolError(-1021, `Timestamp for this request was 1000ms ahead of the server's time.`),
  badSignature: () => new ProtocolError(-1022, 'Signature for this request is not valid.'),
  badKeyFormat: () => new ProtocolError(-2014, 'API-key format invalid.', 401),
  unknownKey: () => new ProtocolError(-2015, 'Invalid API-key, IP, or permissions for action.', 401),
  noSuchOrder: () => new ProtocolError(-2013, 'Order does not exist.'),
  noSuchListenKey: () => new ProtocolError(-1125, 'This listenKey does not exist.'),
  noSuchPath: (path: string, method: string) =>
    new ProtocolError(-5000, `Path ${path}, Method ${method} is invalid`, 404),
  methodNotAllowed: (path: string, method: string) =>
    new ProtocolError(-5000, `Path ${path}, Method ${method} is invalid`, 405),
  notRequired: (name: string) => new ProtocolError(-1106, `Parameter '${name.toLowerCase()}' sent when not required.`),
  strategyInvalid: (orderType: string) =>
    new ProtocolError(-4136, `Target strategy invalid for orderType ${orderType},closePosition true`),
  invalidCombination: () => new ProtocolError(-1128, 'Combination of optional parameters invalid.'),
  invalidRespType: () => new ProtocolError(-1136, 'Invalid newOrderRespType.'),
  invalidPositionSide: () => new ProtocolError(-4060, 'Invalid position side.'),
  invalidWorkingType: (value: string) =>
    new ProtocolError(-4031, `Invalid parameter working type: ${value.slice(0, LONGEST_ECHO)}`),
  invalidPriceMatch: () => new ProtocolError(-5037, 'Invalid price match'),
  invalidSelfTradeMode: () => new ProtocolError(-5039, 'Invalid self trade prevention mode'),
  tooManyCancels: () => new ProtocolError(-4032, 'Exceed maximum cancel order size.'),
  badBatchSize: (size: number) => new ProtocolError(-4082, `Invalid number of batch place orders: ${size}`),
  longClientId: () => new ProtocolError(-4015, 'Client order id length should be less than 36 chars'),
  useAlgoService: () =>
    new ProtocolError(
      -4120,
      'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.',
    ),
  startAfterEnd: () => new ProtocolError(-1023, 'Start time is greater than end time.'),
  badTimeInterval: () => new ProtocolError(-4165, 'Invalid time interval'),
  notServed: (what: string) => new ProtocolError(-1020, `This operation is not supported: ${what}.`),
  tooManyRequests: (ip: string, limit: number) =>
    new ProtocolError(
      -1003,
      `Too many requests; current limit of IP(${ip}) is ${limit} requests per minute. Please use the websocket for live updates to avoid polling the API.`,
      429,
    ),
  banned: (ip: string, untilMs: number) =>
    new ProtocolError(
      -1003,
      `Way too many requests; IP(${ip}) banned until ${untilMs}. Please use the websocket for live updates to avoid bans.`,
      418,
    ),
  tooManyOrders: (limit: number, interval: string) =>
    new ProtocolError(-1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`, 429),
  invalidJson: () => new ProtocolError(-1135, 'Invalid JSON Request'),
  keyTypeNotSupported: (type: string) => new ProtocolError(-4056, `${type} API key is not supported.`),
} as const;

/** A refusal by the matching engine, which has noted it in the ledger already. */
export class EngineRefusal extends ProtocolError {
  override readonly name: string = 'EngineRefusal';
}

/** Returns the value of an engine's answer. Throws: EngineRefusal with the engine's code and text. */
export function valueOf<T>(answer: Answer<T>): T {
  if (answer.kind === 'refused') throw new EngineRefusal(answer.code, answer.msg);
  return answer.value;
}
