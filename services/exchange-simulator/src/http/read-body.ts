import type { IncomingMessage } from 'node:http';
import { refuse } from './protocol-error.ts';

const LARGEST_BODY_BYTES = 64 * 1_024;

/** Returns the body of a request as text. Throws: 413 when it is longer than any honest one. */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (request.method === 'GET') return '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES) throw refuse.tooManyParameters();
    chunks.push(chunk);
  }
  return bytes === 0 ? '' : Buffer.concat(chunks).toString('utf8');
}
