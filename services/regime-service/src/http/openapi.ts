import type { ApiRoute } from './api-route.ts';
import { ErrorReply } from './reply-schemas.ts';

/** The part of an OpenAPI 3.1 document that its page shows. */
export interface ApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, unknown>>;
}

const JSON_TYPE = 'application/json';

const failuresOf = (route: ApiRoute): Readonly<Record<string, string>> => ({
  ...(Object.keys(route.schemas).length > 0
    ? { 400: 'The request cannot be understood: everything that is wrong with it' }
    : {}),
  ...(route.schemas.body === undefined
    ? {}
    : { 413: 'A body may have 64 kB at most', 415: 'A body that is neither JSON nor YAML' }),
  ...(route.isChange
    ? {
        401: 'Not the operator key',
        403: 'No operator key is configured',
        429: 'Too many changes within a minute; the header Retry-After says when to try again',
      }
    : {}),
  ...(route.isValidation
    ? { 429: 'Too many validations within a minute; the header Retry-After says when to try again' }
    : {}),
  ...route.failures,
});

/** Returns the OpenAPI 3.1 document of these pages. The generator is loaded when it is first needed: nobody else needs its memory. */
export const openApiDocument = async (routes: readonly ApiRoute[], version: string): Promise<ApiDocument> => {
  const { OpenAPIRegistry, OpenApiGeneratorV31 } = await import('@asteasolutions/zod-to-openapi');
  const registry = new OpenAPIRegistry();
  const key = registry.registerComponent('securitySchemes', 'operatorKey', { type: 'http', scheme: 'bearer' });
  for (const route of routes) {
    const { params, query, body } = route.schemas;
    const failures = Object.entries(failuresOf(route)).map(([status, description]) => [
      status,
      { description, content: { [JSON_TYPE]: { schema: ErrorReply } } },
    ]);
    registry.registerPath({
      method: route.method,
      path: route.path,
      summary: route.summary,
      tags: [route.tag],
      ...(route.isChange ? { security: [{ [key.name]: [] }] } : {}),
      // With the key it counts apart from the others.
      ...(route.isValidation ? { security: [{}, { [key.name]: [] }] } : {}),
      request: {
        ...(params === undefined ? {} : { params }),
        ...(query === undefined ? {} : { query }),
        ...(body === undefined
          ? {}
          : {
              body: {
                required: !body.safeParse(undefined).success,
                content: { [JSON_TYPE]: { schema: body }, 'application/yaml': { schema: body } },
              },
            }),
      },
      responses: {
        200: { description: 'All is well', content: { [JSON_TYPE]: { schema: route.reply } } },
        ...(Object.fromEntries(failures) as Record<string, { description: string }>),
      },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Adaptive Market Regime System',
      version,
      description:
        'Which of 18 regimes each market is in, how sure that is, and how the service that says so is doing.',
    },
  }) as ApiDocument;
};
