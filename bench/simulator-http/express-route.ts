import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';

/** Serves one Express route that checks the signature of an order and does nothing with it: what the simulator is compared with. */
export const serveExpressRoute = (apiKey: string, apiSecret: string): void => {
  const app = express();
  app.get('/cpu', (_request, response) => {
    const { user, system } = process.cpuUsage();
    response.json({ seconds: (user + system) / 1e6 });
  });
  app.disable('x-powered-by').disable('etag');
  app.post('/fapi/v1/order', (request, response) => {
    const query = request.originalUrl.slice(request.originalUrl.indexOf('?') + 1);
    const at = query.lastIndexOf('&signature=');
    const expected = createHmac('sha256', apiSecret).update(query.slice(0, at)).digest();
    const given = Buffer.from(query.slice(at + '&signature='.length), 'hex');
    const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isSigned || request.headers['x-mbx-apikey'] !== apiKey) response.status(401).json({ code: -1022 });
    else response.json({ code: 200 });
  });
  const server = app.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
  process.stdin.resume().on('end', () => process.exit());
};
