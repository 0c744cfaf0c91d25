import { AppError } from '@qt/kernel';
import type { BuiltService } from '@qt/service-kit';
import { z } from 'zod';
import type { Guard, Guards } from './guards.ts';
import {
  readText,
  sentencesOf,
  shapeViolations,
  type Violation,
  violationsOf,
} from '../configuration/settings-text.ts';

export type Router = Parameters<NonNullable<BuiltService['routes']>>[0];

/** What is sent back. `text` is JSON that is ready already. */
export type Answer = (
  | { readonly status: number; readonly body: object }
  | { readonly status: number; readonly text: string }
) & {
  /** When it is worth trying again. */
  readonly retryAfterSeconds?: number;
};

export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export type ApiTag = 'health' | 'components' | 'regime' | 'configuration' | 'operations';

interface RouteFacts {
  readonly method: 'get' | 'post' | 'put';
  /** As OpenAPI writes it: `/api/v1/components/{name}`. */
  readonly path: string;
  readonly tag: ApiTag;
  readonly summary: string;
  /** Shape of the answer when all is well. */
  readonly reply: z.ZodType;
  /** Needs the operator key, and is limited in rate. */
  readonly isChange?: boolean;
  /** Changes nothing and needs no key, but costs work: limited in rate. */
  readonly isValidation?: boolean;
  /** Other answers than 200 and the ones every page has. */
  readonly failures?: Readonly<Record<number, string>>;
}

/** One page of the API: what the router serves and what the documentation says of it are the same object. */
export interface ApiRoute extends RouteFacts {
  readonly schemas: { readonly params?: z.ZodObject; readonly query?: z.ZodObject; readonly body?: z.ZodType };
  handle(raw: RawRequest): Promise<Answer>;
}

interface RouteDefinition<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> extends RouteFacts {
  readonly params?: P;
  readonly query?: Q;
  /** JSON or YAML. A schema that takes undefined makes the body optional. */
  readonly body?: B;
  answer(request: {
    readonly params: z.output<P>;
    readonly query: z.output<Q>;
    readonly body: z.output<B>;
  }): Answer | Promise<Answer>;
}

export const failure = (status: number, code: string, message: string, more: object = {}): Answer => ({
  status,
  body: { error: { code, message, ...more } },
});

export const ok = (body: object): Answer => ({ status: 200, body });

/** Faults told at once: whoever sends thousands gets the first of them. */
const MAX_TOLD = 100;
export const told = (violations: readonly Violation[]): readonly Violation[] => violations.slice(0, MAX_TOLD);

/** Returns all that is told of faults as one sentence. */
export const sentenceOf = (violations: readonly Violation[]): string => {
  const left = violations.length - MAX_TOLD;
  return [...sentencesOf(told(violations)), ...(left > 0 ? [`and ${left} more`] : [])].join('; ');
};

/** A store that is away, or has too much to do, may be well again by then. */
const STORE_RETRY_SECONDS = 5;

/** Stands for a request that cannot be understood. */
class BadRequest extends AppError {
  readonly violations: readonly Violation[];
  constructor(code: string, violations: readonly Violation[]) {
    super(code, sentenceOf(violations), { retryable: false });
    this.violations = told(violations);
  }
}

const parsed = <S extends z.ZodType>(schema: S | undefined, value: unknown): z.output<S> => {
  if (schema === undefined) return undefined as z.output<S>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const violations = result.error.issues.flatMap((issue) => violationsOf(issue, value));
  throw new BadRequest('BAD_REQUEST', violations);
};

/** Bodies that were not sent as JSON arrive as text; YAML reads JSON too. */
const documentOf = (body: unknown): unknown => {
  if (typeof body !== 'string') {
    const violations = shapeViolations(body);
    if (violations.length > 0) throw new BadRequest('BODY_MALFORMED', violations);
    return body;
  }
  // curl sends an empty text where it does not find the file it is told to send.
  if (body.trim() === '') return undefined;
  const read = readText(body);
  if (read.kind === 'invalid') throw new BadRequest('BODY_MALFORMED', read.violations);
  return read.document;
};

/** Returns a page that parses what it is asked before it answers, and says all that is wrong at once. */
export const defineRoute = <
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodUndefined,
>({
  params,
  query,
  body,
  answer,
  ...facts
}: RouteDefinition<P, Q, B>): ApiRoute => ({
  ...facts,
  schemas: {
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
  },
  handle: async (raw) => {
    try {
      return await answer({
        params: parsed(params, raw.params),
        query: parsed(query, raw.query),
        body: parsed(body, body === undefined ? undefined : documentOf(raw.body)),
      });
    } catch (error) {
      if (error instanceof BadRequest) return failure(400, error.code, error.message, { violations: error.violations });
      if (error instanceof AppError && error.retryable)
        return { ...failure(503, error.code, error.message), retryAfterSeconds: STORE_RETRY_SECONDS };
      throw error;
    }
  },
});

export interface MountOptions {
  readonly guards: Guards;
  /** Told of each answer. */
  readonly onAnswered: (facts: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly tookMs: number;
  }) => void;
}

type Request = Parameters<Guard>[0];
type Response = Parameters<Guard>[1];

const expressPathOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** A body of a type that nobody reads would otherwise count as none, and mean something else than was meant. */
const hasUnreadBody = ({ headers, body }: Request): boolean =>
  body === undefined && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

const sendAnswer = (response: Response, answer: Answer): void => {
  response.status(answer.status);
  if (answer.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(answer.retryAfterSeconds));
  if ('text' in answer) response.type('application/json').send(answer.text);
  else response.json(answer.body);
};

const handlerOf =
  (route: ApiRoute) =>
  async (request: Request, response: Response): Promise<void> => {
    if (route.schemas.body !== undefined && hasUnreadBody(request)) {
      const message = `expected a body in JSON or YAML, found ${request.headers['content-type'] ?? 'one of no type'}`;
      sendAnswer(response, failure(415, 'BODY_TYPE_UNSUPPORTED', message));
      return;
    }
    const { params, query } = request;
    sendAnswer(response, await route.handle({ params, query, body: request.body as unknown }));
  };

/** Answers what a page is not made for, and says what it is made for. */
const otherMethods = (path: string, methods: readonly string[]): Guard => {
  const known = methods.map((method) => method.toUpperCase());
  const allow = [...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response) => {
    response.setHeader('allow', allow);
    if (request.method === 'OPTIONS') response.status(204).end();
    else sendAnswer(response, failure(405, 'METHOD_NOT_ALLOWED', `${path} takes ${allow}; found ${request.method}`));
  };
};

/** Serves the pages. */
export const mountRoutes = (
  router: Router,
  routes: readonly ApiRoute[],
  { guards, onAnswered }: MountOptions,
): void => {
  for (const path of new Set(routes.map((route) => route.path))) {
    const expressPath = expressPathOf(path);
    router.all(expressPath, (request, response, next) => {
      const startedMs = performance.now();
      const { method } = request;
      // Once per answer, those of the guards and of the error page included.
      response.once('finish', () =>
        onAnswered({ method, path, status: response.statusCode, tookMs: performance.now() - startedMs }),
      );
      next();
    });
    const pages = routes.filter((route) => route.path === path);
    for (const route of pages) {
      const before = [
        ...((route.isChange ?? false) ? guards.changes : []),
        ...((route.isValidation ?? false) ? guards.validations : []),
      ];
      for (const guard of before) router[route.method](expressPath, guard);
      router[route.method](expressPath, handlerOf(route));
    }
    router.all(
      expressPath,
      otherMethods(
        path,
        pages.map(({ method }) => method),
      ),
    );
  }
};
