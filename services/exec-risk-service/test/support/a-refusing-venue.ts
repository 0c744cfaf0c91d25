import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Requests that are answered here instead of being passed on: the venue never sees them. */
export interface Refusal {
  readonly method: string;
  readonly path: string;
  /** Part of the query, such as `reduceOnly=true`. */
  readonly query?: string;
  readonly status: number;
  readonly body: string;
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** A door before the venue's REST that refuses what a test names, with answers that prove that nothing was done. */
export const aRefusingVenue = async (restUrl: string) => {
  let refusals: readonly Refusal[] = [];
  let refused = 0;
  let answersFrom = Promise.resolve();
  let release = (): void => {};
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const { pathname, search } = new URL(request.url ?? '/', restUrl);
      const found = refusals.find(
        ({ method, path, query = '' }) => method === request.method && path === pathname && search.includes(query),
      );
      if (found !== undefined) {
        refused += 1;
        await answersFrom;
        response.writeHead(found.status, { 'content-type': 'application/json' }).end(found.body);
        return;
      }
      const body = await bodyOf(request);
      const answer = await fetch(`${restUrl}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { 'x-mbx-apikey': String(request.headers['x-mbx-apikey'] ?? '') },
        ...(body.length === 0 ? {} : { body }),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    };
    pass().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    refuse: (...rules: readonly Refusal[]): void => {
      refusals = rules;
    },
    /** Refuses like `refuse`, but answers only after `letGo`, which ends the refusals too. */
    hold: (rule: Refusal): void => {
      refusals = [rule];
      answersFrom = new Promise((resolve) => {
        release = resolve;
      });
    },
    letGo: (): void => {
      refusals = [];
      release();
    },
    get refused(): number {
      return refused;
    },
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
};
