// The shapes of symbols as SVG paths in a 24 × 24 box, drawn on the map's canvas and in the queue
// alike. Neutral forms: no frame stands for friend or foe.

/** Incidents by kind; drawn in white inside a disc. */
const INCIDENTS: Record<string, string> = {
  physical_event:
    'M12 5l1.6 4.2 4-2.1-2.1 4L20 12l-4.5 1 2.1 4-4-2.1L12 19l-1.6-4.1-4 2.1 2.1-4L4 12l4.5-.9-2.1-4 4 2.1z',
  presence: 'M7 7h10v10H7z',
  passage: 'M5 11h9V7l5 5-5 5v-4H5z',
  corridor_deviation: 'M6 18c0-5 2-6 5-7s4-2 4-4h-2.5L16 3.5 19.500 7H17c0 3-2 5-5 6s-4 2-4 5z',
  unauthorised_stop: 'M8 6h3v12H8zM13 6h3v12h-3z',
  obstruction:
    'M7.500 5.500L12 10l4.500-4.500 2 2L14 12l4.500 4.500-2 2L12 14l-4.500 4.500-2-2L10 12 5.500 7.500z',
  signal_gap: 'M4 11h5v2.500H4zM15 11h5v2.500h-5zM11 5h2v3h-2zM11 16h2v3h-2z',
  position_anomaly: 'M12 4a8 8 0 1 0 8 8h-2.500A5.500 5.500 0 1 1 12 6.500V9l4.500-3.800L12 1.500z',
  gnss_interference: 'M4 12l3-6 3 9 2-6 2 6 3-9 3 6-2 1-1-2-3 9-2-6-2 6-3-9-1 2z',
  weapon_sighting: 'M4 9h12l4 2v2h-8l-2 4H7l1.500-4H4z',
  mines_or_works: 'M12 6a6 6 0 0 1 6 6h1v3H5v-3h1a6 6 0 0 1 6-6zM11 3h2v3h-2zM6 16h12v2H6z',
  access_denied: 'M5 10.500h14v3H5z',
  passage_refused: 'M10.500 5h3v5.500H19v3h-5.500V19h-3v-5.500H5v-3h5.500z',
  civilian_harm: 'M12 4.500a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM6 19c0-4.500 2.500-7 6-7s6 2.500 6 7z',
  object_damaged: 'M5 19V10l7-6 7 6v9h-5l-1-4 1.500-2.500L12 10l-2 4 1 5z',
  movement: 'M5 7l5 5-5 5V13zM11 7l5 5-5 5zM17 7h2v10h-2z',
  identity_conflict: 'M5 6h6v6H5zM13 12h6v6h-6zM13 8h5v2h-5zM6 14h5v2H6z',
  encounter: 'M4 9h7v6H4zM13 9h7v6h-7z',
  loitering: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10z',
  close_approach: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM12 9l3 5H9z',
  dark_vessel: 'M4 14h16l-3 5H7zM11 4h2v8h-2z',
  straits_limit: 'M4 4h3v16H4zM17 4h3v16h-3zM11 7h2v10h-2z',
};

/** Tracks, heading north. */
const TRACKS: Record<string, string> = {
  vessel: 'M12 2l4.500 6v13h-9V8z',
  warship: 'M12 1l3.500 7v13h-7V8zM6 11h12v3H6z',
  aircraft:
    'M12 2l1.800 7 7.200 4v2l-7.200-2-.8 6 2.500 2v1.500L12 21.500 8.500 22.500V21l2.500-2-.8-6L3 15v-2l7.200-4z',
  uav: 'M12 3l9 15-9-4-9 4z',
  vehicle: 'M12 4l5 5v10H7V9z',
};

/** Posts and sensors. */
const SENSORS: Record<string, string> = {
  post: 'M5 20V10l7-6 7 6v10z',
  sensor: 'M12 5l7 7-7 7-7-7z',
};

const DEFAULT_SHAPE = 'M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z';

export const SHIELD = 'M12 3l8 3v6c0 5-3.500 8-8 9.500C7.500 20 4 17 4 12V6z';

export const incidentGlyph = (kind: string): string => INCIDENTS[kind] ?? DEFAULT_SHAPE;
export const trackGlyph = (kind: string): string => TRACKS[kind] ?? DEFAULT_SHAPE;
export const sensorGlyph = (type: string): string => SENSORS[type] ?? DEFAULT_SHAPE;
