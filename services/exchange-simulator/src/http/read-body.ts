import type { IncomingMessage } from 'node:http';
import { refuse } from './protocol-error.ts';

const LARGEST_BODY_BYTES = 64 * 1_024;
const FORM_TYPE = /^\s*application\/x-www-form-urlencoded\s*(;|$)/i;

/** Returns whether a request brings bytes after its headers. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/**
 * Calls back with the form in the body of a request, one character per byte. The bodies of GET requests and of other content types, JSON too, are
 * read but carry no parameters, as on the real venue.
 *
 * Refuses: 413 when the body is longer than any honest one.
 */
export function readForm(
  request: IncomingMessage,
  then: { readonly read: (form: string) => void; readonly refused: (error: Error) => void },
): void {
  const isForm = request.method !== 'GET' && FORM_TYPE.test(request.headers['content-type'] ?? '');
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY_BYTES) {
      if (isForm) chunks.push(chunk);
      return;
    }
    request.off('data', take);
    request.off('end', finish);
    // What is still to come is read and dropped, or the answer would be lost with the connection.
    request.resume();
    then.refused(refuse.tooManyParameters());
  };
  const finish = (): void => then.read(chunks.length === 0 ? '' : Buffer.concat(chunks).toString('latin1'));
  request.on('data', take);
  request.on('end', finish);
}
