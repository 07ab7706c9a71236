// SPDX-License-Identifier: Apache-2.0
// The server's API (src/serve/survey_api.h): its answers as types, and how to ask for them.

export type Status = 'alive' | 'dead' | 'missing';
export type Health = 'good' | 'fair' | 'poor' | 'unknown';
export type Extent = [number, number, number, number];

/** A band of the orthomosaic, in raw values of the file. */
export interface Band {
  name: string;
  low: number;
  high: number;
  top: number;
}

export interface Ortho {
  url: string;
  width: number;
  height: number;
  dtype: string;
  gsd_m: number;
  crs: string;
  proj4: string;
  extent: Extent;
  bands: Band[];
}

export interface Survey {
  survey_id: string;
  captured_on: string;
  model_id: string;
  gsd_m: number | null;
  tree_count: number;
  missing_tree_count: number;
  dead_tree_count: number;
  row_count: number;
  average_area_m2: number | null;
  stddev_area_m2: number | null;
  average_ndvi: number | null;
  average_ndre: number | null;
  stddev_ndre: number | null;
  canopy_cover: number | null;
  hectares: number | null;
  crs: string;
  proj4: string;
  extent: Extent;
  blocks: { block: number; pattern: string; row_spacing_m: number | null; tree_spacing_m: number | null }[];
  ortho: Ortho | null;
  links: Record<string, string>;
  files: Record<string, { url: string; bytes: number }>;
}

/** What a tree's feature says; a missing tree has its place alone. */
export interface Tree {
  id: number | null;
  status: Status;
  health: number | null;
  health_class: Health;
  area: number | null;
  perimeter: number | null;
  height: number | null;
  volume: number | null;
  ndvi: number | null;
  ndre: number | null;
  score: number | null;
  block: number;
  row_index: number;
  tree_index: number;
  lat: number | null;
  lng: number | null;
}

export interface GeoJsonFeature {
  type: 'Feature';
  id?: number;
  geometry: unknown;
  properties: Record<string, unknown>;
}
export interface Collection {
  type: 'FeatureCollection';
  numberMatched: number;
  numberReturned: number;
  features: GeoJsonFeature[];
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new Error(problem.detail ?? `The server answered ${response.status}.`);
  }
  return (await response.json()) as T;
}

export async function loadSurveys(): Promise<Survey[]> {
  return (await get<{ surveys: Survey[] }>('/api/v1/surveys')).surveys;
}

/** All features under a link, in the survey's own CRS. */
export async function loadFeatures(url: string): Promise<GeoJsonFeature[]> {
  return (await get<Collection>(`${url}?crs=survey`)).features;
}

/** All trees, page by page; `arrived` hears of each page. */
export async function loadTrees(url: string, arrived: (count: number, of: number) => void): Promise<GeoJsonFeature[]> {
  const limit = 10_000;
  const features: GeoJsonFeature[] = [];
  for (;;) {
    const page = await get<Collection>(`${url}?crs=survey&limit=${limit}&offset=${features.length}`);
    features.push(...page.features);
    arrived(features.length, page.numberMatched);
    if (features.length >= page.numberMatched || page.numberReturned === 0) return features;
  }
}
