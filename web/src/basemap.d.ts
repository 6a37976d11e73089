declare module 'virtual:basemap' {
  import type { MultiLineString, MultiPolygon } from 'geojson';

  const ground: { land: MultiPolygon; borders: MultiLineString; cuts: number[] };
  export default ground;
}
