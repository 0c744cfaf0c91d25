import { z } from 'zod';

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;

/** Text ids are not documented but taken; the answer carries the id as it came. */
const RequestId = z.union([z.int().min(0), z.string().max(64), z.null()]);
const MOST_PARAMS = 1_024;

const ClientRequest = z.object({
  method: z.enum(METHODS),
  params: z
    .array(z.union([z.string().max(1_024), z.boolean(), z.number(), z.null()]))
    .max(MOST_PARAMS)
    .optional(),
  id: RequestId,
});
export type ClientRequest = z.infer<typeof ClientRequest>;

/** An error frame as Binance words it. */
export interface RequestError {
  readonly error: { readonly code: number; readonly msg: string };
  readonly id?: string | number | null;
}

/** Returns the frame of code 2, "Invalid request: …". */
export const invalidRequest = (msg: string): RequestError => ({ error: { code: 2, msg: `Invalid request: ${msg}` } });

/** Returns the column, counted from 1, of the last letter of a part of a text. */
const lastColumnOf = (text: string, part: string): number => text.indexOf(part) + part.length;

/**
 * Returns the request in a text frame, or the error frame that answers it.
 *
 * Source: Binance USD-M, live subscribing and unsubscribing, "Error Messages".
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
  const sent = (json ?? {}) as { method?: unknown };
  const field = parsed.error.issues[0]?.path[0];
  if (field === 'method' && typeof sent.method === 'string') {
    const variants = METHODS.map((method) => `\`${method}\``).join(', ');
    const column = lastColumnOf(text, JSON.stringify(sent.method));
    return invalidRequest(`unknown variant \`${sent.method}\`, expected one of ${variants} at line 1 column ${column}`);
  }
  if (field === 'id') return invalidRequest('request ID must be an unsigned integer');
  if (field === 'params') return invalidRequest(`params must be an array of at most ${MOST_PARAMS} stream names`);
  return invalidRequest(`missing field \`method\` at line 1 column ${text.length}`);
}
