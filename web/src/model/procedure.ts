// Steps around a finding: which are open, and how each is told. Pure.

import type { Action, IncidentDetail } from '../api';
import { S } from '../strings';

export const STEPS = [
  'ask_visit',
  'report_visit',
  'open_inquiry',
  'escalate',
  'acknowledge',
  'release',
  'meet_clock',
  'merge_into',
  'split',
] as const;
export type StepName = (typeof STEPS)[number];

/** The steps that may be taken now, beside moving the finding and naming a party. */
export function openSteps(detail: Pick<IncidentDetail, 'procedure' | 'clocks'>): StepName[] {
  const { visits, referrals, merged_into } = detail.procedure;
  const open: Record<StepName, boolean> = {
    ask_visit: true,
    report_visit: visits.some((visit) => visit.outcome === null),
    open_inquiry: merged_into === null,
    escalate: merged_into === null,
    acknowledge: referrals.some((referral) => referral.acknowledged_at === null),
    release: merged_into === null,
    meet_clock: (detail.clocks ?? []).some(({ state }) => !state.startsWith('met')),
    merge_into: merged_into === null,
    split: merged_into !== null,
  };
  return STEPS.filter((step) => open[step]);
}

/** An action as the history tells it. */
export function told(action: Action, actor: (id: string) => string): string {
  if (action === 'remark') return S.incident.remark;
  if (action === 'split') return S.procedure.split;
  if ('move_to' in action) return S.incident.movedTo(S.status(action.move_to));
  if ('attribute' in action) return S.incident.namedParty(actor(action.attribute.party));
  if ('ask_visit' in action) return S.procedure.visitAsked(S.visitMeans(action.ask_visit.means));
  if ('report_visit' in action) {
    const { visit, outcome } = action.report_visit;
    return S.procedure.visitReported(visit, S.visitOutcome(outcome));
  }
  if ('open_inquiry' in action) return S.procedure.inquiryOpened(actor(action.open_inquiry.party));
  if ('release' in action) return S.procedure.releasedTo(action.release.to.map(actor).join(', '));
  if ('escalate' in action) return S.procedure.referredTo(actor(action.escalate.to));
  if ('acknowledge' in action) return S.procedure.acknowledgedBy(actor(action.acknowledge.by));
  if ('meet_clock' in action) return S.procedure.clockMet(S.spell(action.meet_clock.clock));
  return S.procedure.mergedInto(action.merge_into.incident.slice(0, 12));
}
