import { isIP } from 'node:net';
import type { Router } from 'express';
import { refusal } from './control-refusal.ts';

/** Last parts of names that no stranger can register: those of this machine, of a local network and of a cluster. */
const LOCAL_NAME = /^[^.]+$|\.(?:localhost|local|internal|svc|test)$/i;

/** Returns whether a Host header names a place by its address or by a local name. Names of the internet may point here by somebody else's will. */
export function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) > 0 || LOCAL_NAME.test(name);
}

/**
 * Keeps web pages of others away from the control API, which has no password: a page that is open in a browser on this machine can send
 * requests here, and by a name that it lets point to this machine it could even read the answers. Clients that are no browsers pass.
 */
export function refuseForeignPages(router: Router): void {
  router.use('/control', (request, response, next) => {
    const { origin, host = '' } = request.headers;
    const isForeign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
    if (isForeign)
      refusal(response, 403, 'FOREIGN_PAGE', `pages of ${origin.slice(0, 100)} may not control this venue`);
    else if (host !== '' && !isLocalHost(host)) {
      refusal(
        response,
        403,
        'FOREIGN_HOST',
        `${host.slice(0, 100)} is no local name; use 127.0.0.1 or a name without dots`,
      );
    } else next();
  });
}
