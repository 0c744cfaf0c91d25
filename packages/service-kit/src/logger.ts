import { AsyncLocalStorage } from 'node:async_hooks';
import { createLogger as createWinston, format, transports, type Logger as Winston } from 'winston';
import { redact, redactText } from './redaction.ts';

/** Facts of a log line. `code`, `correlationId` and `eventId` are what a chain of events is found by. */
export type LogFacts = Readonly<Record<string, unknown>>;

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

export interface LoggerOptions {
  readonly service: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
}

const chain = new AsyncLocalStorage<LogFacts>();

/** Runs `work`; every line logged inside it carries `facts` (such as `correlationId` and `eventId`). */
export const withLogFacts = <T>(facts: LogFacts, work: () => T): T =>
  chain.run({ ...chain.getStore(), ...facts }, work);

const MESSAGE = Symbol.for('message');

/** One function instead of a chain of formats: twice the lines per second. */
const lineFormat = (service: string) =>
  format((info) => {
    const { level, message, facts } = info as unknown as { level: string; message: string; facts?: LogFacts };
    const line = {
      ts: new Date().toISOString(),
      level,
      service,
      msg: redactText(message),
      ...(redact({ ...chain.getStore(), ...facts }) as object),
    };
    (info as unknown as Record<symbol, string>)[MESSAGE] = JSON.stringify(line);
    return info;
  })();

const wrap = (winston: Winston, own: LogFacts): Logger => {
  const write =
    (level: LoggerOptions['level']) =>
    (msg: string, facts?: LogFacts): void => {
      if (winston.isLevelEnabled(level)) winston.log({ level, message: msg, facts: { ...own, ...facts } });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    isDebugEnabled: () => winston.isDebugEnabled(),
    child: (facts) => wrap(winston, { ...own, ...facts }),
  };
};

/** Returns a logger to stdout for one service. */
export const createLogger = ({ service, level }: LoggerOptions): Logger =>
  wrap(
    createWinston({
      level,
      format: lineFormat(service),
      transports: [new transports.Console({ stderrLevels: [] })],
      exitOnError: false,
    }),
    {},
  );
