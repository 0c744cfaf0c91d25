import { z } from 'zod';

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;

const RequestId = z.union([z.int().min(0), z.string().max(64), z.null()]);

const ClientRequest = z.object({
  method: z.enum(METHODS),
  params: z
    .array(z.union([z.string().max(200), z.boolean()]))
    .max(1_024)
    .optional(),
  id: RequestId.optional(),
});
export type ClientRequest = z.infer<typeof ClientRequest>;

/** An error frame as Binance words it. */
export interface RequestError {
  readonly error: { readonly code: number; readonly msg: string };
  readonly id?: string | number | null;
}

const invalid = (msg: string): RequestError => ({ error: { code: 2, msg: `Invalid request: ${msg}` } });

/**
 * Returns the request in a text frame, or the error frame that answers it.
 *
 * Source: Binance USD-M, websocket market streams, "Error Messages".
 */
export function readClientRequest(text: string): ClientRequest | RequestError {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { error: { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' } };
  }
  const parsed = ClientRequest.safeParse(json);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path[0];
  if (field === 'id') return invalid('request ID must be an unsigned integer');
  if (field === 'params') return invalid('params must be an array of at most 1024 stream names');
  return invalid(`unknown variant, expected one of ${METHODS.join(', ')}`);
}
