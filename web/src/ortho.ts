// SPDX-License-Identifier: Apache-2.0
// The orthomosaic, read straight from its GeoTIFF by byte ranges, and the pictures that its bands make.
import { fromUrl } from 'geotiff';
import type { ExpressionValue } from 'ol/expr/expression';
import TileLayer from 'ol/layer/WebGLTile';
import type { Style } from 'ol/layer/WebGLTile';
import GeoTIFF from 'ol/source/GeoTIFF';
import type { Ortho } from './api';
import { indexRamps } from './look';
import { projectionOf } from './projection';

export type Picture = 'natural' | 'false' | 'ndvi' | 'ndre';
export const pictureNames: Record<Picture, string> = {
  natural: 'Natural',
  false: 'False colour',
  ndvi: 'NDVI',
  ndre: 'NDRE',
};

export function picturesOf(ortho: Ortho): Picture[] {
  const has = (...names: string[]) => names.every((name) => ortho.bands.some((band) => band.name === name));
  const pictures: Picture[] = ['natural'];
  if (has('nir', 'red', 'green')) pictures.push('false');
  if (has('nir', 'red')) pictures.push('ndvi');
  if (has('nir', 'red_edge')) pictures.push('ndre');
  return pictures;
}

// Tiles hold raw / top as a fraction of 1.
function raw(ortho: Ortho, name: string): ExpressionValue {
  const at = ortho.bands.findIndex((band) => band.name === name);
  return ['*', ['band', at + 1], ortho.bands[at]?.top ?? 1];
}

type Range = [number, number];

function stretched(ortho: Ortho, name: string, [low, high]: Range, gamma: number): ExpressionValue {
  if (ortho.dtype === 'uint8') return ['band', ortho.bands.findIndex((band) => band.name === name) + 1];
  return ['^', ['clamp', ['/', ['-', raw(ortho, name), low], high - low], 0, 1], gamma];
}

/** Natural colours share one range, so that soil stays brown; bands that nobody can see are balanced one by one. */
function composite(ortho: Ortho, names: [string, string, string], isNatural: boolean): ExpressionValue {
  const bands = names.map((name) => ortho.bands.find((band) => band.name === name)).filter((band) => band !== undefined);
  const common: Range = [Math.min(...bands.map((band) => band.low)), Math.max(...bands.map((band) => band.high))];
  const shown = bands.map((band) => stretched(ortho, band.name, isNatural ? common : [band.low, band.high], isNatural ? 0.6 : 0.8));
  return ['array', ...shown, 1];
}

function index(ortho: Ortho, picture: 'ndvi' | 'ndre'): ExpressionValue {
  const nir = raw(ortho, 'nir');
  const other = raw(ortho, picture === 'ndvi' ? 'red' : 'red_edge');
  const value = ['/', ['-', nir, other], ['+', nir, other, 1e-6]];
  return ['interpolate', ['linear'], value, ...indexRamps[picture].flatMap((stop) => [stop.value, stop.colour])];
}

function colourOf(ortho: Ortho, picture: Picture): ExpressionValue {
  if (picture === 'ndvi' || picture === 'ndre') return index(ortho, picture);
  if (picture === 'false') return composite(ortho, ['nir', 'red', 'green'], false);
  const names = ortho.bands.map((band) => band.name);
  const colours: [string, string, string] = ['red', 'green', 'blue'];
  const first = names[0] ?? 'pan';
  return composite(ortho, colours.every((name) => names.includes(name)) ? colours : [first, first, first], true);
}

/** `alphaBand`: the number of the band that says what is transparent, 0 when there is none. */
export function pictureStyle(ortho: Ortho, picture: Picture, alphaBand: number): Style {
  const colour = colourOf(ortho, picture);
  const shown = alphaBand > 0 ? ['case', ['<', ['band', alphaBand], 0.5], [0, 0, 0, 0], colour] : colour;
  return { color: shown as Style['color'] };
}

/** The layer; it takes the file's own word for alpha and nodata. */
export async function orthoLayer(ortho: Ortho): Promise<{ layer: TileLayer; alphaBand: number }> {
  const image = await (await fromUrl(ortho.url)).getImage();
  const nodata = image.getGDALNoData();
  const samples = image.getSamplesPerPixel();
  const colours = ortho.bands.length;
  const hasAlpha = samples > colours;
  // A picture that says nothing of its edges has zeros there.
  const empty = hasAlpha ? undefined : (nodata ?? (ortho.dtype === 'float32' ? undefined : 0));
  const max = [...ortho.bands.map((band) => band.top), ...Array<number>(samples - colours).fill(255)];
  const source = new GeoTIFF({
    sources: [{ url: ortho.url, min: 0, max, nodata: empty }],
    normalize: true,
    convertToRGB: 'auto',
    projection: projectionOf(ortho.crs, ortho.proj4, ortho.extent),
    transition: 0,
  });
  const alphaBand = hasAlpha ? samples : 0;
  return { layer: new TileLayer({ source, style: pictureStyle(ortho, 'natural', alphaBand), cacheSize: 256 }), alphaBand };
}
