import type { RequestParameters } from './request-parameters.ts';

/** What an answer may use. */
export interface RequestContext {
  readonly params: RequestParameters;
  /** The account whose key was shown; empty on public routes. */
  readonly accountId: string;
}

/** One endpoint of the venue. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** `key` needs the API key alone, `signed` also the signature and a timestamp. */
  readonly security: 'none' | 'key' | 'signed';
  readonly weight: number | ((params: RequestParameters) => number);
  /** How many orders it counts as within ten seconds; whatever it is, it counts as one within a minute. Left out: none. */
  readonly countsAsOrders?: number;
  /** Returns the body of a 200 answer. Throws: ProtocolError. */
  readonly answer: (context: RequestContext) => unknown;
}

/** Returns a route that asks for key, signature and timestamp. */
export const signed = (
  method: Route['method'],
  path: string,
  weight: Route['weight'],
  answer: Route['answer'],
): Route => ({ method, path, security: 'signed', weight, answer });

/** Routes by path and method. */
export class RouteTable {
  readonly #byPath = new Map<string, Map<string, Route>>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const methods = this.#byPath.get(route.path) ?? new Map<string, Route>();
      this.#byPath.set(route.path, methods.set(route.method, route));
    }
  }

  find(method: string, path: string): Route | 'unknown path' | 'wrong method' {
    const methods = this.#byPath.get(path);
    if (methods === undefined) return 'unknown path';
    return methods.get(method) ?? 'wrong method';
  }

  /** Lists what is served, for the page at `/`. */
  list(): readonly string[] {
    return [...this.#byPath].map(([path, methods]) => `${[...methods.keys()].join(' ')} ${path}`);
  }
}
