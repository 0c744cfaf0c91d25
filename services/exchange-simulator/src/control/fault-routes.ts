import type { Response, Router } from 'express';
import { z } from 'zod';
import { FaultRule } from '../faults/fault-rule.ts';
import type { FaultSwitch } from '../faults/fault-switch.ts';
import { Action, actionViolations, type Known, unknownNames } from './action.ts';
import type { Actions } from './actions.ts';
import { refusal } from './control-refusal.ts';
import type { MarketDrive } from './market-drive.ts';
import type { ScenarioRun } from './scenario-run.ts';

interface FaultRoutesDeps {
  readonly drive: MarketDrive;
  readonly faultSwitch: FaultSwitch;
  readonly actions: Actions;
  readonly scenario: ScenarioRun;
  readonly known: Known;
  readonly flushLedger: () => void;
}

const refuseBody = (response: Response, violations: readonly string[]): void =>
  refusal(response, 400, 'BAD_REQUEST', violations.join('\n'));

/** The hands behind the venue's mishaps: rules and actions. Unauthenticated, for the loopback interface. */
export function faultRoutes(router: Router, deps: FaultRoutesDeps): void {
  const { drive, faultSwitch, actions, scenario, known, flushLedger } = deps;
  router.get('/control/faults', (_request, response) => void response.json({ rules: faultSwitch.list() }));
  router.delete('/control/faults', (_request, response) => void response.json({ removed: faultSwitch.clear() }));
  router.delete('/control/faults/:id', (request, response) => {
    const { id } = request.params;
    if (faultSwitch.remove(id)) response.json({ removed: 1 });
    else refusal(response, 404, 'NO_SUCH_FAULT', `there is no rule ${id}`);
  });
  router.post('/control/faults', (request, response) => {
    const body = FaultRule.safeParse(request.body);
    const violations = body.success ? unknownNames(body.data, known) : [z.prettifyError(body.error)];
    if (!body.success || violations.length > 0) {
      refuseBody(response, violations);
      return;
    }
    const rule = faultSwitch.add(body.data);
    flushLedger();
    response.status(201).json(rule);
  });
  router.post('/control/actions', async (request, response) => {
    const body = Action.safeParse(request.body);
    const violations = body.success ? actionViolations(body.data, known) : [z.prettifyError(body.error)];
    if (!body.success || violations.length > 0) {
      refuseBody(response, violations);
      return;
    }
    const outcome = await drive.act(() => actions.run(body.data, 'control'));
    response.status(outcome.outcome === 'done' ? 200 : 409).json(outcome);
  });
  router.get('/control/scenario', (_request, response) => void response.json({ scenario: scenario.state() }));
}
