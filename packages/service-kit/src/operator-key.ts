import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Returns whether a request shows the operator key, as `Authorization: Bearer <operator key>`. Digests are compared, so that neither length
 * nor content of the key shows in the time it takes. Without a configured key nothing does.
 */
export const showsOperatorKey = (operatorKey: string | undefined, request: Request): boolean => {
  const given = request.header('authorization')?.replace(/^Bearer\s+/i, '') ?? '';
  return operatorKey !== undefined && timingSafeEqual(digestOf(given), digestOf(operatorKey));
};

/** Returns the guard of a page that changes something: only who shows the operator key passes; without a configured key nobody does. */
export const operatorOnly =
  (operatorKey: string | undefined): RequestHandler =>
  (request, response, next) => {
    if (operatorKey === undefined) {
      const message = 'no operator key is configured; set OPERATOR_KEY_FILE to allow changes';
      response.status(403).json({ error: { code: 'NO_OPERATOR_KEY', message } });
      return;
    }
    if (showsOperatorKey(operatorKey, request)) {
      next();
      return;
    }
    const message = 'expected the operator key in the header Authorization: Bearer …';
    response.status(401).json({ error: { code: 'UNAUTHORIZED', message } });
  };
