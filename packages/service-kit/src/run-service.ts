import { existsSync, writeSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { AppError, type Clock, MarketClock, messageOf, wallClock } from '@qt/kernel';
import type { Router } from 'express';
import type { Component } from './component.ts';
import { ComponentLogs } from './component-logs.ts';
import { loadProcessConfig, type ProcessConfig } from './config.ts';
import { BROKEN_EXIT_CODE, CONFIG_FAULT_EXIT_CODE, UNAVAILABLE_EXIT_CODE } from './exit-codes.ts';
import { HttpServer, type LifecycleState } from './http-server.ts';
import type { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { redactText } from './redaction.ts';

const VERSION = '3.0.0';
const STOP_DEADLINE_MS = 10_000;
const WATCH_INTERVAL_MS = 1_000;
const DRAIN_FILES = ['drain_mode', 'maintenance_mode'];

/** The ports of the guides. */
const SERVICE_PORTS: Readonly<Record<string, number>> = {
  'regime-service': 8080,
  'ai-service': 8001,
  'exec-risk-service': 8002,
  'analytics-os-service': 8003,
  'exchange-simulator': 8090,
};

/** What a composition root is given. */
export interface ServiceKit {
  /** Market time when CLOCK=market, else the machine's. */
  readonly clock: Clock;
  /** The same clock where it has to be moved on; null when CLOCK=wall. */
  readonly marketClock: MarketClock | null;
  readonly logger: Logger;
  /** The same lines, with a level for each component. */
  readonly logs: ComponentLogs;
  readonly metrics: Metrics;
  readonly config: ProcessConfig;
}

export interface BuiltService {
  /** Started in this order, stopped in reverse. */
  readonly components: readonly Component[];
  /** The service's own fields of `/health`, as the guides name them. */
  readonly health?: () => object;
  readonly routes?: (router: Router) => void;
  /** Called once the server listens, before any component starts: for sockets and fast paths that share the port. */
  readonly serve?: (server: Server) => void;
}

type Build = (kit: ServiceKit) => BuiltService | Promise<BuiltService>;

const exitCodeOf = (error: unknown): number => {
  if (!(error instanceof AppError)) return BROKEN_EXIT_CODE;
  return error.retryable ? UNAVAILABLE_EXIT_CODE : CONFIG_FAULT_EXIT_CODE;
};

const sayFatal = (service: string, error: unknown): void => {
  const text =
    error instanceof AppError ? `${error.code}: ${error.message}` : ((error as Error)?.stack ?? messageOf(error));
  writeSync(2, `${service}: ${redactText(text)}\n`);
};

/** The life of one process: starting → running → draining → stopped. */
class Lifecycle {
  state: LifecycleState = 'starting';
  readonly #started: Component[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  async start(components: readonly Component[]): Promise<void> {
    for (const component of components) {
      if (this.state !== 'starting') return;
      this.#started.push(component);
      await component.start();
      this.#logger.debug('component started', { component: component.name });
    }
    if (this.state === 'starting') this.state = 'running';
  }

  async drain(): Promise<void> {
    this.state = 'draining';
    for (const component of this.#started.toReversed()) await this.#attempt(component, 'drain');
  }

  async resume(): Promise<void> {
    for (const component of this.#started) await component.resume?.();
    this.state = 'running';
  }

  async stop(): Promise<void> {
    for (const component of this.#started.splice(0).toReversed()) await this.#attempt(component, 'stop');
    this.state = 'stopped';
  }

  /** One part that cannot end well must not keep the others from ending. */
  async #attempt(component: Component, step: 'drain' | 'stop'): Promise<void> {
    try {
      await component[step]?.();
    } catch (error) {
      this.#logger.error(`component failed to ${step}`, { code: 'STOP_FAILED', component: component.name, error });
    }
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

interface Watched {
  readonly config: ProcessConfig;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly stop: (reason: string) => void;
}

/** Looks each second for the drain files of the guides and for a parent that has gone. */
const watch = ({ config, lifecycle, logger, stop }: Watched): NodeJS.Timeout => {
  let hasDrained = false;
  const look = async (): Promise<void> => {
    if (config.PARENT_PID !== undefined && !isAlive(config.PARENT_PID)) {
      stop(`process ${config.PARENT_PID}, which started this one, is gone`);
      return;
    }
    const file = DRAIN_FILES.find((name) => existsSync(join(config.DRAIN_DIR, name)));
    if (file !== undefined && lifecycle.state === 'running') {
      hasDrained = true;
      logger.warn('draining: taking on nothing new', { code: 'DRAIN_FILE', file });
      await lifecycle.drain();
    } else if (file === undefined && hasDrained && lifecycle.state === 'draining') {
      hasDrained = false;
      await lifecycle.resume();
      logger.info('running again: the drain file is gone');
    }
  };
  return setInterval(() => {
    look().catch((error: unknown) => logger.error('drain failed', { code: 'DRAIN_FAILED', error }));
  }, WATCH_INTERVAL_MS);
};

/** Returns what a process of this configuration works with. */
const kitOf = (service: string, config: ProcessConfig): ServiceKit => {
  const logs = new ComponentLogs({ service, level: config.LOG_LEVEL });
  const marketClock = config.CLOCK === 'market' ? new MarketClock() : null;
  const clock = marketClock ?? wallClock;
  return { clock, marketClock, logger: logs.root, logs, metrics: new Metrics(service), config };
};

/** Runs `work` with a service's kit and ends the process: code 0, or that of what was thrown, as `runService` does. */
export const runOnce = async (service: string, work: (kit: ServiceKit) => Promise<void>): Promise<void> => {
  const config = loadProcessConfig(process.env);
  try {
    await work(kitOf(service, config));
    process.exit(0);
  } catch (error) {
    sayFatal(service, error);
    process.exit(exitCodeOf(error));
  }
};

/**
 * Runs one service until SIGTERM or SIGINT: builds it, serves its pages, starts its components in order, and on the signal drains and
 * stops them in reverse. A second signal or 10 s ends the process at once. A failure at start ends it with one sentence on stderr:
 * code 78 when an operator must change something, 69 when trying again can help, 70 when something is broken.
 */
export const runService = async (service: string, build: Build): Promise<void> => {
  const config = loadProcessConfig(process.env);
  const kit = kitOf(service, config);
  const { logger, metrics } = kit;
  const lifecycle = new Lifecycle(logger);
  let http: HttpServer | null = null;
  let watcher: NodeJS.Timeout | undefined;
  let stopping: Promise<void> | null = null;

  const end = async (exitCode: number): Promise<void> => {
    setTimeout(() => {
      logger.error('not stopped in time', { code: 'STOP_TIMEOUT', deadlineMs: STOP_DEADLINE_MS });
      process.exit(exitCode === 0 ? 1 : exitCode);
    }, STOP_DEADLINE_MS).unref();
    clearInterval(watcher);
    if (lifecycle.state === 'running') await lifecycle.drain();
    lifecycle.state = 'draining';
    await lifecycle.stop();
    await http?.stop();
    logger.info('stopped', { exitCode });
    // A handle that a component forgot must not keep the process alive; the pending log lines get one turn to leave.
    process.exitCode = exitCode;
    setTimeout(() => process.exit(exitCode), 200).unref();
  };
  const stop = (reason: string, exitCode = 0): void => {
    if (stopping !== null) {
      logger.warn('ending at once: told to stop a second time', { reason });
      process.exit(exitCode === 0 ? 1 : exitCode);
    }
    logger.info('stopping', { reason });
    stopping = end(exitCode);
  };
  const fail = (error: unknown): void => {
    const code = error instanceof AppError ? error.code : 'UNHANDLED';
    logger.error('the process cannot go on', { code, error });
    sayFatal(service, error);
    if (stopping === null) stop(code, exitCodeOf(error));
  };

  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  try {
    const built = await build(kit);
    const { components, health, routes } = built;
    const view = { service, version: VERSION, components, state: () => lifecycle.state, ...(health ? { health } : {}) };
    const port = config.PORT ?? SERVICE_PORTS[service] ?? 0;
    http = new HttpServer({ host: config.HOST, port, view, metrics, logger, ...(routes ? { routes } : {}) });
    await http.start();
    if (http.server !== null) built.serve?.(http.server);
    watcher = watch({ config, lifecycle, logger, stop });
    await lifecycle.start(components);
    if (stopping === null) logger.info('running', { url: http.url, clock: config.CLOCK });
  } catch (error) {
    fail(error);
  }
};
