import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Returns the guard of a page that changes something: only `Authorization: Bearer <operator key>` passes. Digests are compared, so
 * that neither length nor content of the key shows in the time an answer takes. Without a configured key nothing passes.
 */
export const operatorOnly =
  (operatorKey: string | undefined): RequestHandler =>
  (request, response, next) => {
    if (operatorKey === undefined) {
      const message = 'no operator key is configured; set OPERATOR_KEY_FILE to allow changes';
      response.status(403).json({ error: { code: 'NO_OPERATOR_KEY', message } });
      return;
    }
    const given = request.header('authorization')?.replace(/^Bearer\s+/i, '') ?? '';
    if (timingSafeEqual(digestOf(given), digestOf(operatorKey))) {
      next();
      return;
    }
    const message = 'expected the operator key in the header Authorization: Bearer …';
    response.status(401).json({ error: { code: 'UNAUTHORIZED', message } });
  };
