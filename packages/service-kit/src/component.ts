/** What was found when a component was looked at; a component may answer with more fields, which `/health` shows as they are. */
export interface ComponentCheck {
  readonly status: 'up' | 'degraded' | 'down';
  readonly detail?: string;
}

/** What must have been handled before a component may call itself idle: sequence numbers per event type of one producer. */
export interface IdleQuery {
  readonly source: string;
  readonly published: Readonly<Record<string, number>>;
}

/** The highest sequence number per event type that this process has made known. */
export interface IdleAnswer {
  readonly published: Readonly<Record<string, number>>;
}

/** A part of a process with a life: started in the order given to `runService`, stopped in reverse. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes on nothing new and resolves once what was begun is finished. */
  drain?(): Promise<void>;
  /** Takes on work again after a drain that was not followed by a stop. */
  resume?(): Promise<void> | void;
  /** As measured now, never assumed. */
  check?(): Promise<ComponentCheck> | ComponentCheck;
  /** Resolves once nothing is queued or under way and everything named by `query` has been applied. Gives up when `signal` says so. */
  idle?(query?: IdleQuery, signal?: AbortSignal): Promise<IdleAnswer | void>;
  /** Returns in words what `idle` would wait for, or null when it would not. */
  waitingFor?(query?: IdleQuery): string | null;
}
