// Every word the page says, in one place. Neutral wording: no party is praised or blamed here.

const KINDS: Record<string, string> = {
  physical_event: 'Physical event',
  presence: 'Presence in zone',
  passage: 'Passage',
  corridor_deviation: 'Corridor deviation',
  unauthorised_stop: 'Unauthorised stop',
  obstruction: 'Obstruction',
  signal_gap: 'Signal gap',
  position_anomaly: 'Position anomaly',
  gnss_interference: 'GNSS interference',
  weapon_sighting: 'Weapon sighting',
  mines_or_works: 'Mines or works',
  access_denied: 'Access denied',
  passage_refused: 'Aid passage refused',
  civilian_harm: 'Civilian harm',
  object_damaged: 'Object damaged',
  movement: 'Movement',
  identity_conflict: 'Contradictory identity',
  encounter: 'Meeting of vessels',
  loitering: 'Loitering',
};

const CLASSES: Record<string, string> = {
  artillery: 'Artillery',
  drone_strike: 'Drone strike',
  small_arms: 'Small arms',
  farm_fire: 'Field or forest fire',
  industrial_heat: 'Industrial heat',
  quarry_blast: 'Quarry blast',
  thunder: 'Thunder',
  other: 'Other',
};

const STATUSES: Record<string, string> = {
  reported: 'Reported',
  under_verification: 'Under verification',
  corroborated: 'Corroborated',
  verified: 'Verified',
  attributed: 'Attributed',
  closed: 'Closed',
  unverifiable: 'Unverifiable',
  not_a_violation: 'Not a violation',
  retracted: 'Retracted',
};

const VERDICTS: Record<string, string> = {
  breach: 'Breach',
  compliant: 'Compliant',
  undetermined: 'Undetermined',
  none: 'No clause applies',
};

const STANCES: Record<string, string> = {
  accepts: 'Accepts the finding',
  disputes: 'Disputes the finding',
  explains: 'Explains, without a stance',
};

const CLAUSE_KINDS: Record<string, string> = {
  no_fire: 'No fire',
  no_presence: 'No presence',
  withdrawal: 'Withdrawal of weapons',
  storage: 'Storage of weapons',
  airspace: 'Airspace',
  corridor: 'Sea corridor',
  protected_objects: 'Protected objects',
  no_mines_or_works: 'No mines or works',
  access: 'Access for monitors',
  humanitarian_passage: 'Passage of aid',
  notified_movement: 'Notified movement',
  civilian_protection: 'Protection of civilians',
};

const ZONE_KINDS: Record<string, string> = {
  line_of_contact: 'Line of contact',
  buffer_zone: 'Buffer zone',
  withdrawal_line: 'Withdrawal line',
  withdrawal_zone: 'Withdrawal zone',
  corridor: 'Sea corridor',
  holding_area: 'Holding area',
  protected_object: 'Protected object',
  airspace: 'Airspace',
  sector: 'Sector',
  port: 'Port or roads',
  area_of_operation: 'Area of operation',
};

const ROLES: Record<string, string> = {
  party: 'Party to the agreement',
  guarantor: 'Guarantor',
  contributor: 'Contributor',
  mission: 'Mission',
  observer: 'Observer',
};

const HEALTH: Record<string, string> = {
  working: 'Working',
  degraded: 'Degraded',
  jammed: 'Jammed',
  off: 'Off',
  unknown: 'Unknown',
};

const READINGS: Record<string, string> = {
  thermal_anomaly: 'Thermal anomaly',
  area_change: 'Change between scenes',
  vessel: 'Vessel report',
  aircraft: 'Aircraft report',
  uav: 'Detection of an uncrewed aircraft',
  acoustic: 'Sound',
  seismic: 'Seismic phase',
  sighting: 'Sighting',
  claim: 'Statement',
  reply: 'Reply of a party',
  sensor_state: 'State of a sensor',
  weather: 'Weather',
};

const OBJECTS: Record<string, string> = {
  vessel: 'Vessel',
  warship: 'Warship',
  aircraft: 'Aircraft',
  uav: 'Uncrewed aircraft',
  vehicle: 'Vehicle',
  weapon: 'Weapon',
  troops: 'Troops',
};

const RELIABILITY: Record<string, string> = {
  A: 'completely reliable',
  B: 'usually reliable',
  C: 'fairly reliable',
  D: 'not usually reliable',
  E: 'unreliable',
  F: 'reliability cannot be judged',
};

const CREDIBILITY: Record<string, string> = {
  '1': 'confirmed by other sources',
  '2': 'probably true',
  '3': 'possibly true',
  '4': 'doubtful',
  '5': 'improbable',
  '6': 'truth cannot be judged',
};

const TERMS: Record<string, string> = {
  prior: 'Starting point',
  silence: 'A sensor that stayed silent',
};

/** The word for a name of the contract; a name we do not know is shown spelt out. */
function word(words: Record<string, string>, name: string): string {
  return words[name] ?? spell(name);
}

/** `line_of_contact` and `line-of-contact` as people read them. */
function spell(name: string): string {
  const text = name.replace(/[_-]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const S = {
  product: 'Truce',
  spell,
  kind: (name: string) => word(KINDS, name),
  eventClass: (name: string) => word(CLASSES, name),
  status: (name: string) => word(STATUSES, name),
  verdict: (name: string) => word(VERDICTS, name),
  stance: (name: string) => word(STANCES, name),
  clauseKind: (name: string) => word(CLAUSE_KINDS, name),
  zoneKind: (name: string) => word(ZONE_KINDS, name),
  role: (name: string) => word(ROLES, name),
  health: (name: string) => word(HEALTH, name),
  reading: (name: string) => word(READINGS, name),
  objectKind: (name: string) => word(OBJECTS, name),
  reliability: (name: string) => word(RELIABILITY, name),
  credibility: (name: string) => word(CREDIBILITY, name),
  term: (name: string) => word(TERMS, name),

  pages: {
    picture: 'Picture',
    feeds: 'Feeds',
    log: 'Log',
    report: 'Report',
    mission: 'Mission',
  } as Record<string, string>,
  nav: 'Pages',
  skip: 'Skip to the queue',
  loading: 'Loading …',
  failed: (what: string) => `The server did not answer: ${what}`,
  retry: 'Try again',
  close: 'Close',
  unknown: 'unknown',
  none: 'none',
  all: 'All',
  utc: 'UTC',

  theme: { label: 'Colours', auto: 'As the system', light: 'Light', dark: 'Dark' },
  live: {
    connected: 'Live',
    reconnecting: 'Reconnecting …',
    connecting: 'Connecting …',
    hint: 'Events from the server as they are logged',
  },
  asOf: 'as of',
  log: {
    title: 'The public log',
    entries: (n: string) => `${n} entries`,
    size: 'Entries',
    root: 'Root',
    origin: 'Origin',
    published: 'Published',
    witnessed: 'Witnessed',
    notWitnessed: 'Logged, not yet witnessed',
    witnesses: 'Witnesses',
    noWitnesses:
      'No witness has signed this checkpoint. The log can still be checked by anyone who keeps an earlier checkpoint.',
    checkpoint: 'Checkpoint',
    key: 'Public key',
    how: 'Check it yourself',
    howText:
      'Every finding is committed in an append-only log of Merkle trees (C2SP tlog-tiles). Nothing on this page has to be believed: the files of the log and its public key are enough.',
    steps: [
      'Keep the public key below, from a channel you trust, not only from this page.',
      'Fetch the checkpoint and keep it. A later checkpoint must be consistent with it, or the log was rewritten.',
      'Download the evidence package of an incident and run the command shown there. It checks rows, entry, inclusion and signature with no server.',
    ],
    paths: 'Read path of the log',
    fetch: 'Fetch the checkpoint',
  },

  counts: 'Incidents by status',
  period: {
    title: 'Period',
    all: 'Everything',
    hours: (n: number) => `Last ${n} h`,
    earlier: 'Earlier',
    later: 'Later',
    clear: 'Show everything',
    chart: (from: string, to: string, n: number) =>
      `Incidents per hour from ${from} to ${to}, ${n} in all. Drag to choose a period.`,
    bar: (when: string, n: number, breaches: number) =>
      `${when}: ${n} incidents, ${breaches} held as breach`,
    empty: 'No incidents yet',
    legendAll: 'incidents',
    most: (n: string) => `at most ${n}`,
    legendBreach: 'of these held as breach',
  },

  map: {
    label: 'Map of the mission area',
    layers: 'Layers and legend',
    layer: {
      zones: 'Zones and lines',
      incidents: 'Incidents',
      ellipses: 'Uncertainty (90 %)',
      tracks: 'Tracks',
      sensors: 'Posts and sensors',
      places: 'Place names',
    } as Record<string, string>,
    legend: 'Legend',
    symbols: 'Symbols',
    verdictLegend: 'Colour: worst assessment',
    probabilityLegend: 'Faint: less probable than not',
    checkedLegend: 'Ring: verified or attributed',
    healthLegend: 'Posts and sensors',
    disclaimer:
      'Boundaries, names and designations shown do not imply official endorsement or acceptance. The line of contact and zones are as the mission folder gives them.',
    disclaimerShort: 'Boundaries shown imply no endorsement or acceptance.',
    clauses: 'Clauses that apply here',
    noClauses: 'No clause names this zone.',
    basis: 'Basis of the shape',
    fit: 'Show the whole mission area',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    noWebgl:
      'The map needs WebGL, which this browser does not offer. Queue, incidents and pages work without it.',
    track: {
      observations: (n: string) => `${n} observations`,
      speed: (v: string) => `${v} m/s`,
      existence: (p: string) => `exists with probability ${p}`,
      actor: 'Actor',
    },
    sensor: { health: 'State', last: 'Last message', never: 'no message yet', sector: 'Sector' },
    cluster: (n: number) => `${n} incidents`,
  },

  queue: {
    title: 'Queue',
    count: (shown: string, total: string) => `${shown} of ${total}`,
    newOnes: (n: number) => (n === 1 ? '1 new incident. Show it' : `${n} new incidents. Show them`),
    isNew: 'new',
    empty: 'No incident matches. Widen the filters or the period.',
    nothing: 'No incidents yet. They appear here as soon as sensors or patrols report something.',
    sort: 'Sort by',
    sorts: { clock: 'By clock', time: 'Newest first', probability: 'Probability' } as Record<
      string,
      string
    >,
    filters: 'Filters',
    clear: 'Clear filters',
    kind: 'Kind',
    status: 'Status',
    verdict: 'Assessment',
    sector: 'Sector',
    probability: 'Probability at least',
    any: 'Any',
    showWithdrawn: 'Withdrawn ones too',
    text: 'Search',
    textHint: 'Number, place, clause …',
    keys: 'Keys: j next, k previous, Enter opens, Esc closes',
    held: (n: string, total: string) => `The page holds the newest ${n} of ${total}.`,
    row: (kind: string, when: string, likelihood: string, status: string) =>
      `${kind}, ${when}, ${likelihood}, ${status}`,
    due: (text: string) => `due in ${text}`,
    overdue: (text: string) => `overdue ${text}`,
    evidence: (n: number) => (n === 1 ? '1 observation' : `${n} observations`),
    disputed: 'disputed',
    withdrawn: 'withdrawn',
    noSector: 'no sector',
  },

  incident: {
    title: (id: string) => `Incident ${id}`,
    close: 'Close incident',
    back: 'Back to the queue',
    copy: 'Copy link',
    copied: 'Link copied',
    serial: (n: number) => `F-${String(n).padStart(6, '0')}`,
    revision: (n: number) => `revision ${n}`,
    notFound: 'There is no such incident.',
    withdrawnPart: 'Its evidence now belongs to another incident:',
    withdrawnUnsupported: 'Later evidence no longer supports this incident.',
    where: 'Where',
    when: 'When',
    within: (a: string, b: string) => `90 % ellipse: ${a} × ${b}`,
    zone: 'Zone',
    sector: 'Sector',
    track: 'Track',
    attributes: 'Details',
    probability: 'How probable',
    probabilityOf: 'that weapons were used',
    probabilityIs: 'that it happened as described',
    classes: 'What it was',
    attribution: 'Who',
    undetermined: 'Undetermined',
    attributionNote: (p: string) =>
      `Below ${p} no party is named. A side is named, never a position.`,
    attributedTo: (name: string) => `Attributed to ${name}`,
    proposed: (name: string, officer: string) =>
      `${officer} proposes ${name}; a second officer has to agree.`,
    attributionReasons: 'Reasons for the attribution',
    explanation: 'Why this probability',
    explanationNote:
      'Each line moves the belief: right towards, left against. Unit: natural log-odds.',
    explanationRunning: 'after this line',
    explanationCalibrated: (p: string) => `After calibration: ${p}`,
    for: 'for',
    against: 'against',
    evidence: 'Evidence, in order of arrival',
    observed: 'observed',
    arrived: 'arrived',
    raw: 'Bytes as received',
    noRaw: 'The message is not held here.',
    base64: 'not text; shown as Base64',
    readingFields: 'Decoded',
    grade: (code: string) => `Admiralty code ${code}`,
    entry: (entry: number, row: number) => `log entry ${entry}, row ${row}`,
    assessments: 'Held against the agreement',
    noAssessments: 'No clause of the agreement applies to this incident.',
    article: 'Article',
    reasons: 'Reasons',
    under: (names: string) => `A breach under the text signed by: ${names}`,
    version: (when: string) => `Agreement as of ${when}`,
    actions: 'Decide',
    officer: 'Officer',
    officerHint: 'Your name, in Latin letters',
    reason: 'Reason',
    reasonHint: 'Why, in a sentence. It goes into the log.',
    action: 'Action',
    party: 'Party',
    decide: 'Record decision',
    deciding: 'Recording …',
    decided: 'Recorded in the log.',
    needOfficer: 'Give your name, in Latin letters.',
    needReason: 'Give a reason.',
    needAction: 'Choose an action.',
    needText: 'Write what the party says.',
    needParty: 'Choose a party.',
    noActions: 'No action is open: the finding has reached an end.',
    remark: 'Remark',
    moveTo: (status: string) => `Move to: ${status}`,
    movedTo: (status: string) => `Moved to: ${status}`,
    attribute: 'Name a party',
    secondOfficer: 'A party counts as named when two different officers name it.',
    namedParty: (party: string) => `Named: ${party}`,
    reply: 'Reply of a party',
    stance: 'Stance',
    replyText: 'In its words',
    sendReply: 'Record reply',
    replied: 'Reply recorded.',
    disputedBy: (names: string) => `Disputed by ${names}`,
    history: 'History',
    historyRevision: (n: number) => `Revision ${n}`,
    historyEvidence: (n: number, p: string) =>
      `${n} ${n === 1 ? 'observation' : 'observations'}, probability ${p}`,
    clocks: 'Clocks',
    due: 'due',
    proof: 'Proof',
    logged: 'Logged',
    notLogged: 'Not yet in a published checkpoint',
    witnessed: 'Witnessed',
    notWitnessed: 'Not yet witnessed',
    download: 'Download evidence package',
    verify: 'Check it yourself, with no server',
    verifyKey:
      'The public key below should come to you by a channel that you trust, not only from this page.',
    showCheckpoint: 'Checkpoint',
    proofAt: (entry: number, row: number, size: string) =>
      `Entry ${entry}, row ${row}, in a log of ${size}`,
  },

  feeds: {
    title: 'Feeds',
    intro:
      'Every message is kept. What cannot be decoded is counted here with its reason, and never thrown away.',
    feed: 'Feed',
    format: 'Format',
    messages: 'Messages',
    observations: 'Observations',
    rejections: 'Rejected',
    duplicates: 'Duplicates',
    last: 'Last message',
    silent: (text: string) => `silent for ${text}`,
    never: 'nothing received',
    background: 'background',
    classes: 'Rejections by class',
    noRejections: 'No message was rejected.',
    example: 'Example',
    empty: 'The mission has no feeds.',
  },

  report: {
    title: 'Daily report',
    intro:
      'The report covers one period between two cut-offs, local mission time. It opens as a page of its own, fit for printing.',
    newest: 'Open the newest report',
    date: 'Period that ends on',
    open: 'Open report',
    cutOff: (time: string, zone: string) => `Cut-off ${time}, ${zone}`,
  },

  mission: {
    title: 'Mission',
    actors: 'Actors',
    name: 'Name',
    role: 'Role',
    colour: 'Colour on this page',
    sectors: 'Sectors',
    agreement: 'Agreement',
    effective: (when: string) => `In force from ${when}`,
    binds: 'Binds',
    zones: 'Zones',
    everywhere: 'everywhere',
    breaches: (n: number) => (n === 1 ? '1 breach held' : `${n} breaches held`),
    disclaimer: 'Disclaimer',
    licences: 'Software and map data inside this page, with their licences',
  },

  tabs: { label: 'Views', map: 'Map', queue: 'Queue', incident: 'Incident' },
};
