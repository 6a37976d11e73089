// What planning pages share: the mission's planning files, the scenario's outcome beside the one as
// filed, and what the map shows of coverage and of routes.

import {
  assumed,
  cellsQuestion,
  passesQuestion,
  question,
  type Cells,
  type Outcome,
  type Passes,
  type PlanFiles,
  type Step,
  type Tasks,
} from '../model/planning';
import { S } from '../strings';
import { Asked } from './asked.svelte';
import { picture } from './picture.svelte';
import { navigation } from './route.svelte';

class Planning {
  readonly files = new Asked<PlanFiles>();
  readonly filed = new Asked<Outcome>();
  readonly scenario = new Asked<Outcome>();
  readonly cells = new Asked<Cells>();
  readonly passes = new Asked<Passes>();
  readonly tasks = new Asked<Tasks>();

  readonly assumes = $derived(
    navigation.route.assume.length +
      navigation.route.ballots.length +
      navigation.route.without.length >
      0,
  );
  readonly coalition = $derived(this.files.answer?.coalition ?? null);
  readonly mandate = $derived(this.files.answer?.mandate ?? null);

  /** Asks for what every planning page needs. */
  ask(): void {
    this.files.ask('/api/plan');
    this.filed.ask('/api/plan/outcome');
    this.scenario.ask(question('/api/plan/outcome', assumed(navigation.route)));
  }

  /** Asks for the cells of the moment, when the map shows them. */
  askCells(): void {
    const at = navigation.at ?? picture.now;
    const shown = !navigation.hidden.includes('coverage') && at !== null;
    if (shown) this.files.ask('/api/plan');
    this.cells.ask(shown ? cellsQuestion(navigation.route, at) : null);
  }

  /** Asks for the satellites around the moment, when the map shows them. */
  askPasses(): void {
    const at = navigation.at ?? picture.now;
    const shown = !navigation.hidden.includes('passes') && at !== null;
    if (shown) this.files.ask('/api/plan');
    this.passes.ask(shown ? passesQuestion(at) : null);
  }

  #title(list: readonly { id: string; title: string }[] | undefined, id: string): string {
    return list?.find((one) => one.id === id)?.title ?? S.spell(id);
  }
  condition = (id: string): string => this.#title(this.coalition?.conditions, id);
  requirement = (id: string): string => this.#title(this.coalition?.requirements, id);
  contribution = (id: string): string => this.#title(this.coalition?.contributions, id);
  area = (id: string): string => this.#title(this.coalition?.watch.areas, id);
  violation = (id: string): string => this.#title(this.coalition?.watch.violations, id);
  means = (id: string): string => this.#title(this.coalition?.watch.means, id);
  layer = (id: string): string => this.#title(this.mandate?.layers, id);
  territory = (id: string): string => this.#title(this.mandate?.territories, id);
  vote = (id: string): string => this.#title(this.mandate?.votes, id);
  basis = (id: string): string => this.#title(this.mandate?.bases, id);
  place(id: string): string {
    const named = this.coalition?.places.find((place) => place.id === id)?.name;
    return named ?? picture.sectorName(id);
  }
  clause(id: string): string {
    const versions = picture.document?.agreement.versions ?? [];
    const clause = versions.flatMap((v) => v.clauses).find((c) => c.id === id);
    return clause ? `${S.incident.article} ${clause.article}, ${clause.title}` : S.spell(id);
  }
  member(id: string): string {
    const members = this.mandate?.councils.flatMap((council) => council.members);
    return members?.find((member) => member.id === id)?.name ?? picture.actorName(id);
  }

  /** A missing step in words. */
  step(step: Step): string {
    if (step === 'renew') return S.plan.renew;
    if (step === 'out_of_reach') return S.plan.outOfReach;
    if ('hold_vote' in step) return S.plan.holdVote(this.vote(step.hold_vote.vote));
    if ('win_votes' in step)
      return S.plan.winVotes(this.vote(step.win_votes.vote), step.win_votes.missing);
    if ('lift_veto' in step)
      return S.plan.liftVeto(
        this.vote(step.lift_veto.vote),
        step.lift_veto.by.map((id) => this.member(id)).join(', '),
      );
    return this.condition(step.fulfil.condition);
  }
}

export const planning = new Planning();
