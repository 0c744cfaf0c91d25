export { CandleRepository, type StoredCandle } from './candle-repository.ts';
export { createDatabase, Database, type DatabaseCheck, type DatabaseOptions } from './database.ts';
export { type DeadLetterFilter, DeadLetterRepository, type ParkedLetter } from './dead-letter-repository.ts';
export { InboxRepository } from './inbox-repository.ts';
export { migrate, type MigrateOptions } from './migrate.ts';
export { OutboxRepository } from './outbox-repository.ts';
export { type RegimeRecord, RegimeHistoryRepository, type RegimeSnapshot } from './regime-history-repository.ts';
