// The current route as reactive state, kept equal to the address bar's hash.

import { readRoute, writeRoute, type Route } from '../model/route';

class Navigation {
  route: Route = $state.raw(readRoute(location.hash));

  constructor() {
    window.addEventListener('hashchange', () => {
      if (location.hash !== writeRoute(this.route)) this.route = readRoute(location.hash);
    });
  }

  /** Changes parts of the route. A change of page or incident can be gone back from. */
  go(change: Partial<Route>): void {
    const next = { ...this.route, ...change };
    const step = next.page !== this.route.page || next.incident !== this.route.incident;
    this.route = next;
    const hash = writeRoute(next);
    if (hash === location.hash) return;
    if (step) history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
  }

  /** The address of a route that differs in some parts, for links. */
  href(change: Partial<Route>): string {
    return writeRoute({ ...this.route, ...change });
  }
}

export const navigation = new Navigation();
window.addEventListener('popstate', () => {
  navigation.route = readRoute(location.hash);
});
