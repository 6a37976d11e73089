// What a language holds: tables for the names of the contract, and the texts of the page.

export interface Words {
  kinds: Record<string, string>;
  classes: Record<string, string>;
  statuses: Record<string, string>;
  verdicts: Record<string, string>;
  stances: Record<string, string>;
  clauseKinds: Record<string, string>;
  zoneKinds: Record<string, string>;
  roles: Record<string, string>;
  health: Record<string, string>;
  readings: Record<string, string>;
  objects: Record<string, string>;
  reliability: Record<string, string>;
  credibility: Record<string, string>;
  capabilities: Record<string, string>;
  visitMeans: Record<string, string>;
  visitOutcomes: Record<string, string>;
  clockStates: Record<string, string>;
  terms: Record<string, string>;
}

/** `line_of_contact` and `line-of-contact` as people read them. */
function spell(name: string): string {
  const text = name.replace(/[_-]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The word for a name of the contract; a name we do not know is shown spelt out. */
const from =
  (table: Record<string, string>) =>
  (name: string): string =>
    table[name] ?? spell(name);

/** Names of protocols are the same in every language. */
const TRANSPORTS: Record<string, string> = {
  tcp_client: 'TCP',
  tcp_server: 'TCP',
  udp: 'UDP',
  http_push: 'HTTP',
  http_poll: 'HTTP',
  mqtt: 'MQTT',
  nats: 'NATS',
  webhook: 'HTTP',
};

/** A language as the page uses it. */
export function catalogue<T>(words: Words, texts: T) {
  return {
    ...texts,
    spell,
    transport: from(TRANSPORTS),
    kind: from(words.kinds),
    eventClass: from(words.classes),
    status: from(words.statuses),
    verdict: from(words.verdicts),
    stance: from(words.stances),
    clauseKind: from(words.clauseKinds),
    zoneKind: from(words.zoneKinds),
    role: from(words.roles),
    health: from(words.health),
    reading: from(words.readings),
    objectKind: from(words.objects),
    reliability: from(words.reliability),
    credibility: from(words.credibility),
    capability: from(words.capabilities),
    visitMeans: from(words.visitMeans),
    visitOutcome: from(words.visitOutcomes),
    clockState: from(words.clockStates),
    term: from(words.terms),
  };
}

/** Forms of a noun by the category of a number (CLDR plural rules). */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;

/** A number with the form of the noun that belongs to it in a language. */
export function counted(locale: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  return (n, forms) => `${n.toLocaleString(locale)} ${forms[rules.select(n)] ?? forms.other ?? ''}`;
}
