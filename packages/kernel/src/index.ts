export { type Clock, MarketClock, wallClock } from './clock.ts';
export { Decimal, dec, floorToStep, sum, toText, ZERO } from './decimal.ts';
export { AppError, type AppErrorOptions, InvariantError, invariant, messageOf } from './errors.ts';
export { ulidOf, uuidOf } from './ids.ts';
export { seededRandom } from './seeded-random.ts';
export { SerialQueue } from './serial-queue.ts';
