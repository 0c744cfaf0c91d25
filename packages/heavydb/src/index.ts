export { CANDLE_TABLE, HeavyDbCandleSource } from './heavydb-candle-source.ts';
export { HeavyDbConfig } from './heavydb-config.ts';
export { HeavyDbConnection, type HeavyDbOptions, type HeavyDbRow } from './heavydb-connection.ts';
export { HeavyDbPatternStore, PATTERN_TABLE, type StoredPattern } from './heavydb-pattern-store.ts';
