import { messageOf } from '@qt/kernel';
import type { ComponentLogs, LogFacts, Logger } from '@qt/service-kit';
import { COMPONENT_NAMES, type ComponentName } from '../configuration/settings.ts';

export const COMPONENT_STATES = ['running', 'warming', 'degraded', 'failed', 'stopped'] as const;
export type ComponentState = (typeof COMPONENT_STATES)[number];

type Figures = Readonly<Record<string, number | string | boolean | null>>;

/** How one component is, as found when it was looked at. Plain JSON. */
export interface ComponentLook {
  readonly state: ComponentState;
  /** Why it is not running. */
  readonly detail?: string;
  readonly metrics: Figures;
  /** The same per symbol, where each market has one of its own. */
  readonly markets?: Readonly<Record<string, { readonly state: ComponentState; readonly metrics: Figures }>>;
}

/** A component as the registry asks it. */
export interface LookedAt {
  /** Without it the service does not do what it is for. */
  readonly isCritical: boolean;
  look(): ComponentLook | Promise<ComponentLook>;
  /** Its inside, for whoever debugs it. Plain JSON. */
  debug(): object | Promise<object>;
}

export interface LastError {
  readonly code: string;
  readonly message: string;
  /** Wall clock, ISO. */
  readonly time: string;
}

export type ComponentLoggers = Readonly<Record<ComponentName, Logger>>;

const HEALTH_OF: Readonly<Record<ComponentState, string>> = {
  running: 'healthy',
  warming: 'healthy',
  degraded: 'degraded',
  failed: 'unhealthy',
  stopped: 'stopped',
};

/** Knows every component of the operators' guide: how it is, what went wrong with it last, and how much it says. */
export class ComponentRegistry {
  readonly #logs: ComponentLogs;
  readonly #parts = new Map<ComponentName, LookedAt>();
  readonly #lastErrors = new Map<string, LastError>();

  constructor(logs: ComponentLogs) {
    this.#logs = logs;
  }

  add(name: ComponentName, part: LookedAt): void {
    this.#parts.set(name, part);
  }

  /** Returns the component's logger: what it warns of with a code is kept as its last error. */
  loggerOf(name: ComponentName): Logger {
    return this.#recording(name, this.#logs.of(name));
  }

  loggers(): ComponentLoggers {
    const loggers = COMPONENT_NAMES.map((name) => [name, this.loggerOf(name)] as const);
    return Object.fromEntries(loggers) as Record<ComponentName, Logger>;
  }

  /** Returns the states of all components, by name. */
  async states(): Promise<Readonly<Record<ComponentName, ComponentState>>> {
    const looks = await Promise.all(
      COMPONENT_NAMES.map(async (name) => [name, (await this.#look(name)).state] as const),
    );
    return Object.fromEntries(looks) as Record<ComponentName, ComponentState>;
  }

  /** Returns what the page of a component shows; null when there is none of that name. */
  async report(name: string) {
    const known = COMPONENT_NAMES.find((one) => one === name);
    if (known === undefined) return null;
    const { state, detail = null, metrics, markets } = await this.#look(known);
    return {
      name: known,
      state,
      health: HEALTH_OF[state],
      detail,
      is_critical: this.#parts.get(known)?.isCritical ?? false,
      metrics,
      ...(markets === undefined ? {} : { markets }),
      last_error: this.#lastErrors.get(known) ?? null,
      log_level: this.#logs.levelOf(known).toUpperCase(),
      is_debug_enabled: this.#logs.levelOf(known) === 'debug',
    };
  }

  /** Returns the inside of a component; null when there is none of that name. */
  async debugState(name: string) {
    const report = await this.report(name);
    if (report === null) return null;
    const { state, log_level, last_error } = report;
    try {
      const inside = (await this.#parts.get(report.name)?.debug()) ?? {};
      return { component: report.name, state, log_level, last_error, inside };
    } catch (error) {
      return { component: report.name, state, log_level, last_error, inside: { fault: messageOf(error) } };
    }
  }

  async #look(name: ComponentName): Promise<ComponentLook> {
    const part = this.#parts.get(name);
    if (part === undefined) return { state: 'stopped', detail: 'this process does not run it', metrics: {} };
    try {
      return await part.look();
    } catch (error) {
      return { state: 'failed', detail: messageOf(error), metrics: {} };
    }
  }

  #recording(name: ComponentName, logger: Logger): Logger {
    const keep = (msg: string, facts?: LogFacts): void => {
      const code = facts?.['code'];
      if (typeof code !== 'string') return;
      const reason = facts?.['reason'] ?? facts?.['detail'];
      const message = typeof reason === 'string' ? `${msg}: ${reason}` : msg;
      this.#lastErrors.set(name, { code, message, time: new Date().toISOString() });
    };
    return {
      debug: logger.debug,
      info: logger.info,
      warn: (msg, facts) => {
        keep(msg, facts);
        logger.warn(msg, facts);
      },
      error: (msg, facts) => {
        keep(msg, facts);
        logger.error(msg, facts);
      },
      isDebugEnabled: logger.isDebugEnabled,
      child: (facts) => this.#recording(name, logger.child(facts)),
    };
  }
}

const ORDER: readonly ComponentState[] = ['failed', 'degraded', 'stopped', 'warming', 'running'];

/** Returns the state of a whole whose parts are in these states: the worst of them. */
export const worstState = (states: readonly ComponentState[]): ComponentState =>
  ORDER.find((state) => states.includes(state)) ?? 'stopped';
