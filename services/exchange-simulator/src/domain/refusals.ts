import type { Answer } from './venue-types.ts';

interface Refusal {
  readonly kind: 'refused';
  readonly code: number;
  readonly msg: string;
}

const refusal = (code: number, msg: string): Refusal => ({ kind: 'refused', code, msg });

/** Returns the value as an answer. */
export const done = <T>(value: T): Answer<T> => ({ kind: 'done', value });

/** Every refusal of the engine with Binance's code and text. Source: USD-M error codes, recorded error bodies. */
export const REFUSALS = {
  timeout: refusal(-1000, 'The market of this simulator has ended.'),
  badSymbol: refusal(-1121, 'Invalid symbol.'),
  badSide: refusal(-1117, 'Invalid side.'),
  precision: refusal(-1111, 'Precision is over the maximum defined for this asset.'),
  quantityNotPositive: refusal(-4003, 'Quantity less than or equal to zero.'),
  quantityTooSmall: refusal(-4004, 'Quantity less than min quantity.'),
  quantityTooLarge: refusal(-4005, 'Quantity greater than max quantity.'),
  quantityOffStep: refusal(-4023, 'Quantity not increased by step size.'),
  priceNotPositive: refusal(-4001, 'Price less than 0.'),
  priceTooLarge: refusal(-4002, 'Price greater than max price.'),
  priceTooSmall: refusal(-4013, 'Price less than min price.'),
  priceOffTick: refusal(-4014, 'Price not increased by tick size.'),
  stopNotPositive: refusal(-4006, 'Stop price less than zero.'),
  counterpartyBand: refusal(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."),
  marginInsufficient: refusal(-2019, 'Margin is insufficient.'),
  reduceOnly: refusal(-2022, 'ReduceOnly Order is rejected.'),
  wouldTrigger: refusal(-2021, 'Order would immediately trigger.'),
  leverageCap: refusal(-2027, 'Exceeded the maximum allowable position at current leverage.'),
  leverageTooSmall: refusal(-2028, 'Leverage is smaller than permitted: insufficient margin balance'),
  unknownOrder: refusal(-2011, 'Unknown order sent.'),
  nothingToAmend: refusal(-5027, 'No need to modify the order.'),
  noSuchOrder: refusal(-2013, 'Order does not exist.'),
  tooManyOrders: refusal(-2025, 'Reach max open order limit.'),
  tooManyAlgos: refusal(-4045, 'Reach max stop order limit.'),
  duplicateId: refusal(-4116, 'ClientOrderId is duplicated.'),
  idTooLong: refusal(-4015, 'Client order id length should be less than 36 chars'),
  idIllegal: refusal(
    -1100,
    "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
  ),
  postOnly: refusal(
    -5022,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history',
  ),
  sideMismatch: refusal(-4061, "Order's position side does not match user's setting."),
  marginTypeSame: refusal(-4046, 'No need to change margin type.'),
  marginTypeOrders: refusal(-4047, 'Margin type cannot be changed if there exists open orders.'),
  marginTypePosition: refusal(-4048, 'Margin type cannot be changed if there exists position.'),
  sideSame: refusal(-4059, 'No need to change position side.'),
  sideOrders: refusal(-4067, 'Position side cannot be changed if there exists open orders.'),
  sidePosition: refusal(-4068, 'Position side cannot be changed if there exists position.'),
  isolatedLeverage: refusal(-4161, 'Leverage reduction is not supported in Isolated Margin Mode with open positions.'),
  closeExists: refusal(
    -4130,
    'An open stop or take profit order with GTE and closePosition in the direction is existing.',
  ),
  closeNeedsPosition: refusal(
    -4509,
    'Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions are available.',
  ),
  quantityNotWanted: refusal(-4137, 'Quantity must be zero with closePosition equals true'),
  reduceOnlyNotWanted: refusal(-1106, "Parameter 'reduceonly' sent when not required."),
  quantityMissing: refusal(-1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."),
  priceMissing: refusal(-1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."),
  forceMissing: refusal(-1102, "Mandatory parameter 'timeinforce' was not sent, was empty/null, or malformed."),
  priceNotWanted: refusal(-1106, "Parameter 'price' sent when not required."),
  forceNotWanted: refusal(-1106, "Parameter 'timeinforce' sent when not required."),
  triggerMissing: refusal(-1102, "Mandatory parameter 'triggerprice' was not sent, was empty/null, or malformed."),
  callbackMissing: refusal(-1102, "Mandatory parameter 'callbackrate' was not sent, was empty/null, or malformed."),
  tillMissing: refusal(-1102, "Mandatory parameter 'goodtilldate' was not sent, was empty/null, or malformed."),
  tillNotWanted: refusal(-1106, "Parameter 'goodtilldate' sent when not required."),
  triggerNotWanted: refusal(-1106, "Parameter 'triggerprice' sent when not required."),
  activationNotWanted: refusal(-1106, "Parameter 'activateprice' sent when not required."),
  callbackNotWanted: refusal(-1106, "Parameter 'callbackrate' sent when not required."),
  callbackInvalid: refusal(-2007, 'Invalid callBack rate.'),
  activationInvalid: refusal(-4135, 'Invalid activation price'),
  fillOrKill: refusal(
    -5021,
    'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history',
  ),
  amendNotAllowed: refusal(-5024, 'Symbol is not in trading status. Order amendment is not permitted.'),
  limitOnly: refusal(-5025, 'Only limit order is supported.'),
  tooManyAmendments: refusal(-5026, 'Exceed maximum modify order limit.'),
  matchUnsupported: refusal(-5038, 'Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT'),
  tillInvalid: refusal(
    -5040,
    'The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than 253402300799000 (UTC 9999-12-31 23:59:59)',
  ),
  noDepth: refusal(-5041, 'No depth matches this BBO order'),
  inLiquidation: refusal(-2023, 'User in liquidation mode now.'),
  positionNotSufficient: refusal(-2024, 'Position is not sufficient.'),
  badStatus: refusal(-4022, 'market status sent is not valid.'),
  notOpening: refusal(-4140, 'Invalid symbol status for opening position.'),
  notListed: refusal(-4108, 'Symbol is on delivering or delivered or settling or closed or pre-trading.'),
  addMarginCrossed: refusal(-4049, 'Add margin only support for isolated position.'),
  crossBalanceInsufficient: refusal(-4050, 'Cross balance insufficient.'),
  isolatedBalanceInsufficient: refusal(-4051, 'Isolated balance insufficient.'),
  addMarginFlat: refusal(-4054, 'Cannot add position margin: position is 0.'),
  amountNotPositive: refusal(-4055, 'Amount must be positive.'),
  assetModeIsolated: refusal(
    -4167,
    'Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.',
  ),
  isolatedInAssetMode: refusal(-4168, 'Unable to adjust to isolated-margin mode under the Multi-Assets mode.'),
  assetModeMargin: refusal(
    -4169,
    'Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures.',
  ),
  assetModeOrders: refusal(-4170, 'Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.'),
  assetModeSame: refusal(-4171, 'Adjusted asset mode is currently set and does not need to be adjusted repeatedly.'),
  assetModeNegative: refusal(
    -4172,
    'Unable to adjust Multi-Assets Mode with a negative wallet balance of margin available asset in USDⓈ-M Futures account.',
  ),
  transferTooLarge: refusal(-4051, 'Isolated balance insufficient.'),
} as const;

/** -4016 and -4024 carry the price that was the limit. */
export const priceTooHigh = (limit: string): Refusal => refusal(-4016, `Limit price can't be higher than ${limit}.`);
export const priceTooLow = (limit: string): Refusal => refusal(-4024, `Limit price can't be lower than ${limit}.`);
/** -4183 and -4184: the same about a limit behind a trigger. */
export const stopPriceTooHigh = (limit: string): Refusal =>
  refusal(-4183, `Limit price can't be higher than ${limit}.`);
export const stopPriceTooLow = (limit: string): Refusal => refusal(-4184, `Limit price can't be lower than ${limit}.`);
/** The kind of order cannot close a whole position. */
export const strategyInvalid = (orderType: string): Refusal =>
  refusal(-4136, `Target strategy invalid for orderType ${orderType},closePosition true`);
/** An amended order would be worth less than the symbol allows. */
export const amendedNotionalTooSmall = (limit: string): Refusal =>
  refusal(-5029, `Order's notional must be no smaller than ${limit}`);
/** An order is worth less than the symbol allows. */
export const notionalTooSmall = (limit: string): Refusal =>
  refusal(-4164, `Order's notional must be no smaller than ${limit} (unless you choose reduce only).`);
/** The symbol does not offer this leverage. */
export const badLeverage = (leverage: number): Refusal => refusal(-4028, `Leverage ${leverage} is not valid`);
