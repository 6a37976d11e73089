// The current route as reactive state, kept equal to the address bar's hash. Its parts are derived
// one by one, so that a moved map does not filter every incident again.

import { readRoute, writeRoute, type Route } from '../model/route';

/** While time plays or is scrubbed the address follows at most this often; browsers refuse more. */
const ADDRESS_MS = 400;

class Navigation {
  route: Route = $state.raw(readRoute(location.hash));
  readonly page = $derived(this.route.page);
  readonly incident = $derived(this.route.incident);
  readonly filter = $derived(this.route.filter);
  readonly sort = $derived(this.route.sort);
  readonly period = $derived(this.route.period);
  readonly at = $derived(this.route.at);
  readonly knowledge = $derived(this.route.knowledge);
  readonly trail_h = $derived(this.route.trail_h);
  readonly hidden = $derived(this.route.hidden);
  readonly view = $derived(this.route.view);
  #writing: number | null = null;

  constructor() {
    const read = (): void => {
      if (location.hash === writeRoute(this.route)) return;
      this.#settle();
      this.route = readRoute(location.hash);
    };
    window.addEventListener('hashchange', read);
    window.addEventListener('popstate', read);
    window.addEventListener('pagehide', () => this.#write());
  }

  /** Changes parts of the route. A change of page or incident can be gone back from. */
  go(change: Partial<Route>): void {
    const next = { ...this.route, ...change };
    const step = next.page !== this.route.page || next.incident !== this.route.incident;
    if (step) this.#write();
    this.route = next;
    if (step) {
      const hash = writeRoute(next);
      if (hash !== location.hash) history.pushState(null, '', hash);
    } else if ('at' in change && change.at !== null) {
      this.#writing ??= window.setTimeout(() => this.#write(), ADDRESS_MS);
    } else this.#write();
  }

  /** The address of a route that differs in some parts, for links. */
  href(change: Partial<Route>): string {
    return writeRoute({ ...this.route, ...change });
  }

  #settle(): void {
    if (this.#writing !== null) window.clearTimeout(this.#writing);
    this.#writing = null;
  }

  #write(): void {
    this.#settle();
    const hash = writeRoute(this.route);
    if (hash !== location.hash) history.replaceState(null, '', hash);
  }
}

export const navigation = new Navigation();
