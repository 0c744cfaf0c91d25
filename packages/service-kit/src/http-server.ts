import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError, messageOf } from '@qt/kernel';
import express, { type ErrorRequestHandler, type Express, type Response, type Router } from 'express';
import helmet from 'helmet';
import type { Component, ComponentCheck, IdleAnswer, IdleQuery } from './component.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { describePortOwner } from './port-owner.ts';
import { UNREAD_LIMITS, UnreadAnswers, type UnreadLimits } from './unread-answers.ts';

const CHECK_DEADLINE_MS = 2_000;
const DEFAULT_IDLE_TIMEOUT_MS = 10_000;
/** Longer than the proxy's 60 s, or the proxy reuses a socket that we have just closed. */
const KEEP_ALIVE_MS = 65_000;
const MAX_BODY = '64kb';
/** YAML has no one name on the wire, and curl calls every body a form unless told otherwise. */
const TEXT_BODIES = [
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'text/plain',
  'application/x-www-form-urlencoded',
];

export type LifecycleState = 'starting' | 'running' | 'draining' | 'stopped';

export interface ServiceView {
  readonly service: string;
  readonly version: string;
  readonly components: readonly Component[];
  state(): LifecycleState;
  health?(): object;
}

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly view: ServiceView;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly routes?: (router: Router) => void;
  /** What clients that do not read may hold. */
  readonly unread?: UnreadLimits;
}

const within = async <T>(deadlineMs: number, work: Promise<T>, otherwise: () => T): Promise<T> => {
  const { promise, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(() => resolve(otherwise()), deadlineMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

const checkOne = async (component: Component): Promise<ComponentCheck> => {
  try {
    const late = (): ComponentCheck => ({ status: 'down', detail: `no answer within ${CHECK_DEADLINE_MS} ms` });
    return await within(CHECK_DEADLINE_MS, Promise.resolve(component.check?.() ?? { status: 'up' as const }), late);
  } catch (error) {
    return { status: 'down', detail: messageOf(error) };
  }
};

const checkAll = async (components: readonly Component[]): Promise<Record<string, ComponentCheck>> => {
  const checked = components.filter((component) => component.check !== undefined);
  const answers = await Promise.all(
    checked.map(async (component) => [component.name, await checkOne(component)] as const),
  );
  return Object.fromEntries(answers);
};

const statusOf = (state: LifecycleState, checks: Record<string, ComponentCheck>): string => {
  if (state !== 'running') return state === 'starting' ? 'starting' : 'draining';
  return Object.values(checks).every(({ status }) => status === 'up') ? 'healthy' : 'degraded';
};

interface Answer {
  readonly code: number;
  readonly body: object;
}

const health = async (view: ServiceView): Promise<Answer> => {
  const dependencies = view.state() === 'starting' ? {} : await checkAll(view.components);
  const status = statusOf(view.state(), dependencies);
  const isDown = Object.values(dependencies).some((check) => check.status === 'down');
  return {
    code: (status === 'healthy' || status === 'degraded') && !isDown ? 200 : 503,
    body: {
      ...(view.state() === 'starting' ? {} : view.health?.()),
      status,
      service: view.service,
      version: view.version,
      uptime_seconds: Math.round(process.uptime() * 1_000) / 1_000,
      dependencies,
      timestamp: new Date().toISOString(),
    },
  };
};

const ready = async (view: ServiceView): Promise<Answer> => {
  const components = view.state() === 'starting' ? {} : await checkAll(view.components);
  const isReady = view.state() === 'running' && Object.values(components).every(({ status }) => status !== 'down');
  return {
    code: isReady ? 200 : 503,
    body: { status: isReady ? 'ready' : 'not_ready', state: view.state(), components },
  };
};

/** Returns the query of `/idle?source=ai-service&published=signal.generated:45,other.type:3`, or undefined when nothing was asked for. */
const idleQueryOf = (parameters: URLSearchParams): IdleQuery | undefined => {
  const source = parameters.get('source') ?? '';
  if (source === '') return undefined;
  const published: Record<string, number> = {};
  for (const pair of (parameters.get('published') ?? '').split(',')) {
    const separator = pair.lastIndexOf(':');
    const sequence = Number(pair.slice(separator + 1));
    if (separator > 0 && Number.isSafeInteger(sequence)) published[pair.slice(0, separator)] = sequence;
  }
  return { source, published };
};

interface IdleRequest {
  readonly query: IdleQuery | undefined;
  readonly signal: AbortSignal;
  readonly onWait: (component: Component) => void;
}

/** Asks every component twice: what the later ones did on the first round may have given work to the earlier ones. */
const becomeIdle = async (
  components: readonly Component[],
  { query, signal, onWait }: IdleRequest,
): Promise<IdleAnswer> => {
  let published: Record<string, number> = {};
  for (let round = 0; round < 2; round += 1) {
    published = {};
    for (const component of components) {
      onWait(component);
      const answer = await component.idle?.(query, signal);
      if (answer) published = { ...published, ...answer.published };
    }
  }
  return { published };
};

const serveIdle = async (view: ServiceView, parameters: URLSearchParams): Promise<Answer> => {
  const asked = Number(parameters.get('timeoutMs') ?? DEFAULT_IDLE_TIMEOUT_MS);
  const timeoutMs = Number.isFinite(asked) && asked > 0 ? Math.min(asked, 120_000) : DEFAULT_IDLE_TIMEOUT_MS;
  if (view.state() !== 'running') {
    return { code: 503, body: { idle: false, waitingFor: `service (${view.state()})` } };
  }
  const query = idleQueryOf(parameters);
  const controller = new AbortController();
  let slowest: Component | null = null;
  const work = becomeIdle(view.components, {
    query,
    signal: controller.signal,
    onWait: (component) => {
      slowest = component;
    },
  });
  work.catch(() => undefined); // reported below when it fails in time; too late, nobody asks any more
  const answer = await within<IdleAnswer | null>(timeoutMs, work, () => null);
  if (answer !== null) return { code: 200, body: { idle: true, published: answer.published } };
  const { name = 'service', waitingFor } = (slowest ?? {}) as Partial<Component>;
  const detail = waitingFor?.call(slowest, query) ?? null;
  controller.abort();
  return { code: 504, body: { idle: false, waitingFor: detail === null ? name : `${name}: ${detail}` } };
};

/** Answers `/idle` past the pages' middleware: a replay asks for it several times per candle. Returns false for any other request. */
const answeredIdle = (view: ServiceView, request: IncomingMessage, response: ServerResponse): boolean => {
  const url = request.url ?? '';
  if (request.method !== 'GET' || (url !== '/idle' && !url.startsWith('/idle?'))) return false;
  const answer = ({ code, body }: Answer): void => {
    const text = JSON.stringify(body);
    response.writeHead(code, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  };
  serveIdle(view, new URLSearchParams(url.slice('/idle?'.length))).then(answer, (error: unknown) =>
    answer({ code: 500, body: { error: { code: 'INTERNAL', message: messageOf(error) } } }),
  );
  return true;
};

/** What express's own readers of bodies say, in our codes. */
const BODY_FAULTS: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  'entity.too.large': { code: 'BODY_TOO_LARGE', message: `a body may have ${MAX_BODY} at most` },
  'entity.parse.failed': { code: 'JSON_MALFORMED', message: 'the body is no JSON' },
  'charset.unsupported': { code: 'CHARSET_UNSUPPORTED', message: 'expected a body in UTF-8' },
  'encoding.unsupported': {
    code: 'ENCODING_UNSUPPORTED',
    message: 'expected a body that is not compressed, or by gzip',
  },
};

const onError =
  (logger: Logger, metrics: Metrics): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const status = Number((error as { status?: unknown }).status ?? 500);
    const isCallersFault = status >= 400 && status < 500;
    const fault = BODY_FAULTS[String((error as { type?: unknown }).type)];
    const code = error instanceof AppError ? error.code : isCallersFault ? (fault?.code ?? 'BAD_REQUEST') : 'INTERNAL';
    if (!isCallersFault) {
      metrics.errors.inc({ code });
      logger.error('request failed', { code, method: request.method, path: request.path, error });
    }
    const detail = fault === undefined ? messageOf(error) : `${fault.message} (${messageOf(error)})`;
    const message = isCallersFault || error instanceof AppError ? detail : 'internal error; the log has it';
    if (response.headersSent) response.end();
    else response.status(isCallersFault ? status : 500).json({ error: { code, message } });
  };

/** Returns the express application: the process's own pages first, then the service's routes, then 404 and the error handler. */
export const buildHttpApp = ({
  view,
  metrics,
  logger,
  routes,
}: Omit<HttpOptions, 'host' | 'port' | 'unread'>): Express => {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(helmet({ xFrameOptions: { action: 'deny' } }));
  app.use(express.json({ limit: MAX_BODY }));
  app.use(express.text({ limit: MAX_BODY, type: TEXT_BODIES }));
  const send = (response: Response, { code, body }: Answer) => response.status(code).json(body);
  app.get('/health/live', (_request, response) => void response.json({ status: 'live' }));
  app.get('/health', async (_request, response) => void send(response, await health(view)));
  app.get('/ready', async (_request, response) => void send(response, await ready(view)));
  app.get('/idle', async (request, response) =>
    send(response, await serveIdle(view, new URL(request.originalUrl, 'http://service').searchParams)),
  );
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  const router = express.Router();
  routes?.(router);
  app.use(router);
  app.use((request, response) => {
    response
      .status(404)
      .json({ error: { code: 'NOT_FOUND', message: `no such page: ${request.method} ${request.path}` } });
  });
  app.use(onError(logger, metrics));
  return app;
};

/** Serves a process's pages. `address` is known once started; port 0 asks for any free one. */
export class HttpServer {
  readonly #options: HttpOptions;
  readonly #unread: UnreadAnswers;
  #server: Server | null = null;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#unread = new UnreadAnswers({ ...options, limits: options.unread ?? UNREAD_LIMITS });
  }

  /** The server itself, for sockets that share the port; null before start. */
  get server(): Server | null {
    return this.#server;
  }

  get url(): string {
    const address = this.#server?.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.#options.port;
    return `http://${this.#options.host}:${port}`;
  }

  /** Throws: PORT_TAKEN naming the owner. */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    const pages = buildHttpApp(this.#options);
    const server = createServer({ ServerResponse: this.#unread.answerClass() }, (request, response) => {
      if (!answeredIdle(this.#options.view, request, response)) pages(request, response);
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.requestTimeout = 30_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    }).catch((error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      const message = isTaken
        ? `${describePortOwner(port)}. End it, or give this service another PORT`
        : `Cannot listen on ${host}:${port}: ${error.message}`;
      throw new AppError(isTaken ? 'PORT_TAKEN' : 'LISTEN_FAILED', message, { retryable: false, cause: error });
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    this.#unread.stop();
    this.#server = null;
  }
}
