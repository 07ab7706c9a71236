// SPDX-License-Identifier: Apache-2.0
import Projection from 'ol/proj/Projection';
import { get } from 'ol/proj';
import { register } from 'ol/proj/proj4';
import proj4 from 'proj4';
import type { Extent } from './api';

/** The projection of a CRS that the server describes; without a CRS a plan in metres. */
export function projectionOf(crs: string, text: string, extent: Extent): Projection {
  if (text === '') return new Projection({ code: 'canopy:plan', units: 'm', extent });
  const code = /^EPSG:\d+$/.test(crs) ? crs : `canopy:${text}`;
  const known = get(code);
  if (known) return known;
  proj4.defs(code, text);
  register(proj4);
  return get(code) as Projection;
}
