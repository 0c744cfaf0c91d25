import { AsyncLocalStorage } from 'node:async_hooks';

/** Facts of a log line. `code`, `correlationId` and `eventId` are what a chain of events is found by. */
export type LogFacts = Readonly<Record<string, unknown>>;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes one JSON line per call: ts, level, service, msg and the facts given, redacted. */
export interface Logger {
  debug(msg: string, facts?: LogFacts): void;
  info(msg: string, facts?: LogFacts): void;
  warn(msg: string, facts?: LogFacts): void;
  error(msg: string, facts?: LogFacts): void;
  /** Asked before building facts on a hot path: a disabled level is not free. */
  isDebugEnabled(): boolean;
  /** Returns a logger that adds `facts` to each of its lines. */
  child(facts: LogFacts): Logger;
}

const chain = new AsyncLocalStorage<LogFacts>();

/** Runs `work`; every line logged inside it carries `facts` (such as `correlationId` and `eventId`). */
export const withLogFacts = <T>(facts: LogFacts, work: () => T): T =>
  chain.run({ ...chain.getStore(), ...facts }, work);

/** Returns the facts of the work under way. */
export const currentLogFacts = (): LogFacts | undefined => chain.getStore();
