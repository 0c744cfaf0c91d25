import { AppError } from '@qt/kernel';
import type { BuiltService, operatorOnly } from '@qt/service-kit';
import { z } from 'zod';
import {
  readText,
  sentencesOf,
  shapeViolations,
  type Violation,
  violationsOf,
} from '../configuration/settings-text.ts';

export type Router = Parameters<NonNullable<BuiltService['routes']>>[0];
export type Guard = ReturnType<typeof operatorOnly>;

/** What is sent back. `text` is JSON that is ready already. */
export type Answer =
  | { readonly status: number; readonly body: object }
  | { readonly status: number; readonly text: string };

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

/** Stands for a request that cannot be understood. */
class BadRequest extends AppError {
  readonly violations: readonly Violation[];
  constructor(code: string, violations: readonly Violation[]) {
    super(code, sentencesOf(violations).join('; '), { retryable: false });
    this.violations = violations;
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
      // A store that is away, or has too much to do: trying again can help.
      if (error instanceof AppError && error.retryable) return failure(503, error.code, error.message);
      throw error;
    }
  },
});

export interface MountOptions {
  /** Before a page that changes something, in this order. */
  readonly changeGuards: readonly Guard[];
  /** Told of each answer. */
  readonly onAnswered: (facts: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly tookMs: number;
  }) => void;
}

/** Serves the pages. */
export const mountRoutes = (
  router: Router,
  routes: readonly ApiRoute[],
  { changeGuards, onAnswered }: MountOptions,
): void => {
  for (const route of routes) {
    const { method, path } = route;
    const expressPath = path.replaceAll(/\{(\w+)\}/g, ':$1');
    const guards = (route.isChange ?? false) ? changeGuards : [];
    router[method](expressPath, (_request, response, next) => {
      const startedMs = performance.now();
      // Once per answer, those of the guards and of the error page included.
      response.once('finish', () =>
        onAnswered({ method, path, status: response.statusCode, tookMs: performance.now() - startedMs }),
      );
      next();
    });
    for (const guard of guards) router[method](expressPath, guard);
    router[method](expressPath, async (request, response) => {
      const { params, query } = request;
      const answered = await route.handle({ params, query, body: request.body as unknown });
      response.status(answered.status);
      if ('text' in answered) response.type('application/json').send(answered.text);
      else response.json(answered.body);
    });
  }
};
